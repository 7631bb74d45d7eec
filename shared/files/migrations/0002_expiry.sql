-- What has expired is looked for often; keeping the same file again makes its term longer.
create index on files.files (expires_at);
grant update (expires_at) on files.files to {role};

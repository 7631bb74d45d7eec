-- Who is signed in at the console, shared by its processes. The tokens are encrypted with a key that
-- only the browser's cookie gives, so whoever reads this table can neither show a cookie nor use one.
create schema console;

create table console.sessions (
    session_hash bytea primary key check (octet_length(session_hash) = 32),
    account      text not null,
    tokens       text not null,
    acting_for   text not null default '',
    -- What was decided about the account since: its tokens are fetched anew before the next page.
    stale        boolean not null default false,
    began_at     timestamptz not null
);
create index sessions_by_account on console.sessions (account);
create index sessions_by_beginning on console.sessions (began_at);

grant usage on schema console to {role};
grant select, insert, update, delete on console.sessions to {role};

-- Accounts, their sessions, wrong tries and the keys that sign tokens. Nothing here is told to
-- anybody; no password and no session is kept in a form that could be used.

create schema identity;

create table identity.accounts (
    account       uuid primary key,
    username      text not null unique check (username = lower(username)),
    name          text not null,
    role          text not null,
    organisation  text not null,
    password_hash text not null,
    example       boolean not null,
    disabled      boolean not null default false,
    made_at       timestamptz not null
);

create table identity.sessions (
    session_hash bytea primary key check (octet_length(session_hash) = 32),
    account      uuid not null references identity.accounts,
    began_at     timestamptz not null,
    used_at      timestamptz not null
);
create index sessions_by_beginning on identity.sessions (began_at);

-- Keyed by the hash of whatever user name was tried, so that a name without an account is counted
-- and locked like one with, and a password typed into the wrong field is not kept.
create table identity.tries (
    username_hash bytea primary key check (octet_length(username_hash) = 32),
    wrong         integer not null,
    last_at       timestamptz
);
create index tries_by_time on identity.tries (last_at);

create table identity.signing_keys (
    kid          text primary key,
    private_key  text not null,
    signs_from   timestamptz not null,
    signs_until  timestamptz not null,
    listed_until timestamptz not null
);

revoke all on schema public from public;
grant usage on schema identity to {role};
grant select, insert, update on identity.accounts to {role};
grant select, insert, update, delete on identity.sessions, identity.tries to {role};
grant select, insert, delete on identity.signing_keys to {role};

-- Identity is an OpenID provider: codes that become tokens once, and families of refresh tokens.
-- Both hang on the session of a browser and end with it. Nothing is kept in a form that could be used.

create table identity.families (
    family       uuid primary key,
    session_hash bytea not null references identity.sessions on delete cascade,
    account      uuid not null references identity.accounts,
    client       text not null,
    began_at     timestamptz not null
);
create index families_by_session on identity.families (session_hash);

-- A code that was spent stays until its session ends, so that a second use of it is noticed.
create table identity.codes (
    code_hash    bytea primary key check (octet_length(code_hash) = 32),
    session_hash bytea not null references identity.sessions on delete cascade,
    client       text not null,
    redirect_uri text not null,
    challenge    text not null,
    nonce        text not null,
    issued_at    timestamptz not null,
    family       uuid
);
create index codes_by_session on identity.codes (session_hash);

create table identity.refresh_tokens (
    token_hash bytea primary key check (octet_length(token_hash) = 32),
    family     uuid not null references identity.families on delete cascade,
    issued_at  timestamptz not null,
    spent_at   timestamptz
);
create index refresh_tokens_by_family on identity.refresh_tokens (family);

grant select, insert, update, delete on identity.families, identity.codes, identity.refresh_tokens
    to {role};

-- A code or a refresh token that came a second time is noted beside the sign-ins.
alter table identity.sign_ins drop constraint sign_ins_result_check;
alter table identity.sign_ins add constraint sign_ins_result_check check (result in
    ('SIGNED_IN', 'PASSWORD_CHANGED', 'WRONG', 'LOCKED', 'NO_POST', 'MUST_CHANGE', 'OVER',
     'REPLAYED'));

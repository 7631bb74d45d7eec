-- Machine accounts: what another system is called and when it last came in. What it may do is in
-- the facts. Of a secret only the hash is kept, written in the transaction of its fact.
create table identity.machines (
    machine        uuid primary key,
    name           text not null,
    made_at        timestamptz not null,
    last_used_at   timestamptz,
    last_used_from text
);

create table identity.machine_secrets (
    secret_hash bytea primary key check (octet_length(secret_hash) = 32),
    machine     uuid not null references identity.machines,
    made_at     timestamptz not null,
    -- Set by the rotation that brought its successor.
    holds_until timestamptz
);
create index machine_secrets_by_machine on identity.machine_secrets (machine);

grant select, insert, update on identity.machines to {role};
grant select, insert, update, delete on identity.machine_secrets to {role};

-- Who came in is an account or a machine account. One that asked for more than it was given is
-- noted as well.
alter table identity.sign_ins drop constraint sign_ins_account_fkey;
alter table identity.sign_ins drop constraint sign_ins_result_check;
alter table identity.sign_ins add constraint sign_ins_result_check check (result in
    ('SIGNED_IN', 'PASSWORD_CHANGED', 'WRONG', 'LOCKED', 'NO_POST', 'MUST_CHANGE', 'OVER',
     'REPLAYED', 'NO_SCOPE'));

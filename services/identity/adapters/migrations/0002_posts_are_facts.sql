-- Posts, units and whether an account is in use are facts of the journal now; of an account only
-- what belongs to a person stays here. Every account of an older home has its row in the reference
-- data, from which its facts are told at the next start.
alter table identity.accounts
    drop column role,
    drop column organisation,
    drop column disabled,
    -- A one-time password must be changed at the next sign-in, and holds until then at the latest.
    add column one_time_until timestamptz;
create index sessions_by_account on identity.sessions (account);

-- Who came in, or tried to, when and from where. A name without an account is not kept: it may be
-- a password that was typed into the wrong field.
create table identity.sign_ins (
    at      timestamptz not null,
    account uuid references identity.accounts,
    result  text not null check (result in
        ('SIGNED_IN', 'PASSWORD_CHANGED', 'WRONG', 'LOCKED', 'NO_POST', 'MUST_CHANGE', 'OVER')),
    address text not null
);
create index sign_ins_by_account on identity.sign_ins (account, at desc);
create index sign_ins_by_time on identity.sign_ins (at desc);

-- What identity's doors said no to, and to whom.
create table identity.refused (
    at          timestamptz not null,
    account     text not null,
    role        text not null,
    org         text not null,
    method      text not null,
    path        text not null,
    status      integer not null,
    code        text not null,
    detail      text not null,
    address     text not null,
    correlation text not null
);
create index refused_by_time on identity.refused (at desc);

create function identity.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'what was noted is never changed: % on %', tg_op, tg_table_name
        using errcode = 'SK900';
end $$;
create trigger never_changed before update or delete on identity.sign_ins
    for each row execute function identity.refuse_change();
create trigger never_emptied before truncate on identity.sign_ins
    for each statement execute function identity.refuse_change();
create trigger never_changed before update or delete on identity.refused
    for each row execute function identity.refuse_change();
create trigger never_emptied before truncate on identity.refused
    for each statement execute function identity.refuse_change();
grant select, insert on identity.sign_ins, identity.refused to {role};

set local role {role};

-- The generations of views that were made beside the live tables. A rebuild works under a session's
-- advisory lock, so a row that says it works and whose lock is free was left by one that died.
create table viewing.rebuilds (
    view       text not null,
    generation integer not null,
    phase      text not null check (
        phase in ('reading', 'indexing', 'catching_up', 'comparing', 'swapped', 'kept', 'failed', 'aborted')),
    events     bigint not null default 0,
    of_events  bigint not null default 0,
    begun_at   timestamptz not null default now(),
    moved_at   timestamptz not null default now(),
    stop       boolean not null default false,
    keep       boolean not null default false,
    note       text not null default '',
    primary key (view, generation)
);
reset role;

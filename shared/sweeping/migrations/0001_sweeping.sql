-- How the sweeps of a service get on. Nothing here says what was told: the streams know that.
create schema sweeping;

-- The last run of each sweep that came to its end, in real time.
create table sweeping.runs (
    sweep   text primary key,
    ended   timestamptz not null,
    today   date not null,
    found   integer not null,
    told    integer not null,
    failed  integer not null,
    seconds double precision not null
);

-- Streams that could not be asked: tried again after `next_try`, each time after a longer pause.
create table sweeping.aside (
    sweep    text not null,
    stream   text not null,
    error    text not null,
    since    timestamptz not null default now(),
    attempts integer not null default 1,
    next_try timestamptz not null,
    primary key (sweep, stream)
);
grant usage on schema sweeping to {role};
grant select, insert, update, delete on sweeping.runs, sweeping.aside to {role};

-- What was laid down about the journal, one a day. It is chosen here before it is written and told
-- elsewhere, so that a day has one anchor whoever crashes when. What proves anything is the copy
-- elsewhere: whoever owns this database can change this table as well.
create table journal.anchors (
    day      date primary key,
    document bytea not null,
    taken_at timestamptz not null default now(),
    told     boolean not null default false
);
create trigger never_changed before delete or update of day, document, taken_at on journal.anchors
    for each row execute function journal.refuse_change();
create trigger never_emptied before truncate on journal.anchors
    for each statement execute function journal.refuse_change();

-- Give the anchor of a day: the candidate, or the one that there is already.
create function journal.choose_anchor(of_day date, candidate bytea)
returns bytea language sql security definer set search_path = journal, pg_temp as $$
    insert into journal.anchors (day, document) values (of_day, candidate) on conflict do nothing;
    select document from journal.anchors where day = of_day;
$$;

create function journal.anchor_told(of_day date) returns void
language sql security definer set search_path = journal, pg_temp as $$
    update journal.anchors set told = true where day = of_day;
$$;

revoke all on function journal.choose_anchor, journal.anchor_told from public;
grant select on journal.anchors to {role};
grant execute on function journal.choose_anchor, journal.anchor_told to {role};

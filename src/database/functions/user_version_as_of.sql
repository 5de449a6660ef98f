-- A document of a user as it was at a time, to the millisecond: the last version
-- made by then, or version 0, the empty document, before the first one. `status`: found;
-- no-such-version, thinned; no-such-user.
create or replace function user_version_as_of(
  p_user_id varchar, p_context integer, p_at timestamptz,
  out status text, out version bigint, out document text
)
language plpgsql stable security definer set search_path from current as $function$
declare
  latest record;
  last_id constant bigint := change_id_from(p_at) + 4095;
begin
  status := user_access(p_user_id);
  if status <> 'granted' then
    return;
  end if;
  latest := user_document(p_user_id, p_context);
  if latest.version = 0 or latest.changed_at < p_at + interval '1 millisecond' then
    version := latest.version;
    document := latest.document;
  else
    -- Ids grow with time but within a millisecond, so the last version may be among the 4,096 ids before the last one.
    select coalesce(max(c.version), 0) into version from user_changes c
      where c.user_id = p_user_id and c.context = p_context and c.id <= last_id
        and c.id > (
          select l.id - 4096 from user_changes l
          where l.user_id = p_user_id and l.context = p_context and l.id <= last_id
          order by l.id desc limit 1
        );
    document := user_document_at(p_user_id, p_context, version);
  end if;
  if document is null then
    perform from user_changes c
      where c.user_id = p_user_id and c.context = p_context and c.version = user_version_as_of.version
        and c.thinned_operations is not null;
    status := case when found then 'thinned' else 'no-such-version' end;
  else
    status := 'found';
  end if;
end
$function$;

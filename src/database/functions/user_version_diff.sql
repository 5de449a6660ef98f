-- A JSON Patch (RFC 6902) that turns one version of a document of a user into another. `status`: found;
-- no-such-version, thinned; no-such-user.
create or replace function user_version_diff(
  p_user_id varchar, p_context integer,
  p_from bigint, p_to bigint,
  out status text, out patch text
)
language plpgsql stable security definer set search_path from current as $function$
declare
  lower constant bigint := least(p_from, p_to);
  upper constant bigint := greatest(p_from, p_to);
  earlier jsonb;
  later jsonb;
  patches jsonb[];
begin
  status := user_access(p_user_id);
  if status <> 'granted' then
    return;
  end if;
  perform from user_changes c
    where c.user_id = p_user_id and c.context = p_context and c.version in (p_from, p_to)
      and c.thinned_operations is not null;
  if found then
    status := 'thinned';
    return;
  end if;
  if p_to = p_from + 1 then
    -- The history has it as it was made.
    select c.patch into patch from user_changes c
      where c.user_id = p_user_id and c.context = p_context and c.version = p_to
        and c.operation <> 'baseline';
  end if;
  if patch is null then
    earlier := user_document_at(p_user_id, p_context, lower);
    perform from user_changes c
      where c.user_id = p_user_id and c.context = p_context and c.version > lower and c.version <= upper
        and c.snapshot is not null;
    if found then
      later := user_document_at(p_user_id, p_context, upper);
    else
      -- What led to the earlier version is not replayed again.
      patches := array(
        select c.patch from user_changes c
          where c.user_id = p_user_id and c.context = p_context and c.version > lower and c.version <= upper
          order by c.version);
      if cardinality(patches) = upper - lower then
        later := settings_replay(earlier, patches);
      end if;
    end if;
    patch := case when p_from <= p_to then settings_diff(earlier, later) else settings_diff(later, earlier) end;
  end if;
  status := case when patch is null then 'no-such-version' else 'found' end;
end
$function$;

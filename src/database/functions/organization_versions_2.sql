-- The versions of a document of an organization below `p_before` (NULL: all), newest first, at most `p_limit`, for a
-- caller who has the right `p_right`. `paths` are JSON Pointers (RFC 6901) to what a version changed: the first 100, of
-- each the first 300 characters. `thinned` says that its content is gone. One row with the `status` 'not-a-member' or
-- 'forbidden' says that the caller may not see them.
create or replace function organization_versions_2(
  p_organization_id uuid, p_caller_type text, p_caller_id varchar, p_context integer, p_right text,
  p_before bigint, p_limit integer
)
returns table (
  status text, version bigint, at text, operation varchar, actor_id varchar, request_id varchar, reason varchar,
  paths text[], thinned boolean
)
language plpgsql stable security definer set search_path from current as $function$
begin
  status := organization_access(p_organization_id, p_caller_type, p_caller_id, array[p_right]);
  if status <> 'granted' then
    return next;
    return;
  end if;
  return query
    select 'found', c.version, iso_time(c.at), c.operation, c.actor_id, c.request_id, c.reason,
      array(
        select left(o ->> 'path', 300) from jsonb_array_elements(c.patch) with ordinality p (o, ordinal)
        order by p.ordinal limit 100
      ),
      c.thinned_operations is not null
    from organization_changes c
    where c.organization_id = p_organization_id and c.context = p_context and (p_before is null or c.version < p_before)
    order by c.version desc limit p_limit;
end
$function$;

-- The versions of a document of a user below `p_before` (NULL: all), newest first, at most `p_limit`. `paths` are JSON
-- Pointers (RFC 6901) to what a version changed: the first 100, of each the first 300 characters. `thinned` says that
-- its content is gone. One row with the `status` 'no-such-user' says that there is no such user.
create or replace function user_versions_2(
  p_user_id varchar, p_context integer,
  p_before bigint, p_limit integer
)
returns table (
  status text, version bigint, at text, operation varchar, actor_id varchar, request_id varchar, reason varchar,
  paths text[], thinned boolean
)
language plpgsql stable security definer set search_path from current as $function$
begin
  status := user_access(p_user_id);
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
    from user_changes c
    where c.user_id = p_user_id and c.context = p_context and (p_before is null or c.version < p_before)
    order by c.version desc limit p_limit;
end
$function$;

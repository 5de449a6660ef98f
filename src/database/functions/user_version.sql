-- A document of a user as it was in one version. `status`: found;
-- no-such-version, or thinned where only its content is gone; no-such-user.
create or replace function user_version(
  p_user_id varchar, p_context integer, p_version bigint,
  out status text, out version bigint, out at text, out document text
)
language plpgsql stable security definer set search_path from current as $function$
declare
  is_thinned boolean;
  latest record;
begin
  status := user_access(p_user_id);
  if status <> 'granted' then
    return;
  end if;
  select c.version, iso_time(c.at), c.thinned_operations is not null into version, at, is_thinned
    from user_changes c
    where c.user_id = p_user_id and c.context = p_context and c.version = p_version;
  if found then
    latest := user_document(p_user_id, p_context);
    document := case when latest.version = p_version then latest.document
      else user_document_at(p_user_id, p_context, p_version) end;
  end if;
  status := case when document is not null then 'found' when is_thinned then 'thinned' else 'no-such-version' end;
end
$function$;

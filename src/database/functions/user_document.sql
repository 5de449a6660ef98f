-- The current document of a user, with its version and the time of its last change: the settings (context 7). A
-- document that nobody wrote yet is empty, in version 0.
create or replace function user_document(
  p_user_id varchar, p_context integer, out version bigint, out document jsonb, out changed_at timestamptz
)
language plpgsql stable as $function$
begin
  if p_context = 7 then
    select s.version, s.settings, s.updated_at into version, document, changed_at from user_settings s
      where s.user_id = p_user_id;
  end if;
  version := coalesce(version, 0);
  document := coalesce(document, '{}');
end
$function$;

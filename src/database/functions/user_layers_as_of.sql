-- The settings of a user as they were at a time, as user_version_as_of has them, with the time at which that version
-- was made.
create or replace function user_layers_as_of(
  p_user_id varchar, p_at timestamptz, out status text, out version bigint, out made_at text, out document text
)
language plpgsql stable security definer set search_path from current as $function$
begin
  select v.status, v.version, v.document into status, version, document from user_version_as_of(p_user_id, 7, p_at) v;
  select iso_time(c.at) into made_at from user_changes c
    where c.user_id = p_user_id and c.context = 7 and c.version = user_layers_as_of.version;
end
$function$;

-- Changes a user's own settings for instances of the release before user_settings_change_2, which see its results as
-- they know them.
create or replace function user_settings_change(
  p_user_id varchar,
  p_kind text, p_argument text, p_leaves text[], p_max_bytes integer, p_max_depth integer,
  p_match bigint[], p_none_match bigint[], p_request_id varchar, p_reason varchar, p_is_dry_run boolean,
  p_max_batched_bytes integer,
  out status text, out version bigint, out bytes integer, out detail text, out settings text, out patch text
)
language plpgsql volatile security definer set search_path from current as $function$
begin
  select case c.status when 'thinned' then 'no-such-version' else c.status end,
      c.version, c.bytes, c.detail, c.settings, c.patch
    into status, version, bytes, detail, settings, patch
    from user_settings_change_2(
      p_user_id, p_kind, p_argument, p_leaves, p_max_bytes, p_max_depth,
      p_match, p_none_match, p_request_id, p_reason, p_is_dry_run, p_max_batched_bytes, null, null) c;
end
$function$;

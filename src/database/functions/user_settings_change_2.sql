-- Changes a user's own settings for instances of the release before user_settings_change_3. They cannot judge a result
-- by a policy: where one binds the document, they hear that it is locked (SQLSTATE 55P03), and so answer 503, until an
-- instance of this release is asked.
create or replace function user_settings_change_2(
  p_user_id varchar,
  p_kind text, p_argument text, p_leaves text[], p_max_bytes integer, p_max_depth integer,
  p_match bigint[], p_none_match bigint[], p_request_id varchar, p_reason varchar, p_is_dry_run boolean,
  p_max_batched_bytes integer, p_history_max_bytes bigint, p_max_wait_ms integer,
  out status text, out version bigint, out bytes integer, out detail text, out settings text, out patch text,
  out author varchar, out at text
)
language plpgsql volatile security definer set search_path from current as $function$
begin
  select c.status, c.version, c.bytes, c.detail, c.settings, c.patch, c.author, c.at
    into status, version, bytes, detail, settings, patch, author, at
    from user_settings_change_3(
      p_user_id, p_kind, p_argument, p_leaves, p_max_bytes, p_max_depth, p_match, p_none_match, p_request_id,
      p_reason, p_is_dry_run, p_max_batched_bytes, p_history_max_bytes, p_max_wait_ms, null) c;
  if status = 'unjudged' then
    raise exception 'a policy binds the document' using errcode = '55P03';
  end if;
end
$function$;

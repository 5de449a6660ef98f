-- Makes the next document of a change, without reading or writing any table.
--
-- `kind` says how to read `argument`: 'replace' (the new document), 'merge' (the members to merge; `leaves` as in
-- settings_merge_with_changes), 'delete-keys' (as in settings_delete_keys), 'merge-patch' (RFC 7396) or 'json-patch'
-- (RFC 6902).
--
-- `status` is 'changed', or 'unchanged' when the next document equals this one. It is 'conflict' when a JSON Patch does
-- not apply, and 'too-deep' or 'too-large' when the next document would pass `max_depth` levels or `max_bytes` bytes of
-- text, whether it differs or not; `detail` then says where, if that is known. `bytes` is the length of the next
-- document's text.
--
-- `operations` is how many JSON Patch operations lead to the next document from the last one that the history keeps
-- whole, given that `operations_before` lead to this one. It is 0 when the next one is to be kept whole.
create or replace function settings_apply(
  kind text, document jsonb, argument jsonb, leaves text[], max_bytes integer, max_depth integer,
  operations_before integer,
  out status text, out next jsonb, out patch jsonb, out bytes integer, out detail text, out operations integer
)
language plpgsql immutable parallel safe as $function$
declare
  merged record;
begin
  if kind = 'merge' then
    merged := settings_merge_with_changes(document, argument, leaves);
    next := merged.settings;
    patch := merged.changes;
  else
    case kind
      when 'replace' then
        next := argument;
      when 'delete-keys' then
        next := settings_delete_keys(document, argument);
      when 'merge-patch' then
        next := settings_merge_patch(document, argument);
      when 'json-patch' then
        begin
          -- Jsonb may take more bytes than its text, but never four times as many.
          next := settings_patch_members(document, argument, max_bytes * 4, max_depth);
        exception when sqlstate 'FB400' or sqlstate 'FB409' or sqlstate 'FB413' then
          status := case sqlstate when 'FB400' then 'too-deep' when 'FB409' then 'conflict' else 'too-large' end;
          detail := left(sqlerrm, 300);
          return;
        end;
        -- Only a JSON Patch can nest deeper than both the document and what the caller sent.
        if next @? format('strict $.**{%s} ? (@.type() == "object" || @.type() == "array")', max_depth)::jsonpath then
          status := 'too-deep';
          return;
        end if;
    end case;
    patch := settings_diff(document, next);
  end if;
  bytes := octet_length(next::text);
  -- Replaying the history takes at most 256 operations and, as each copies the document, 16 MiB.
  operations := case
    when operations_before + jsonb_array_length(patch) <= least(256, 16777216 / bytes)
      then operations_before + jsonb_array_length(patch)
    else 0
  end;
  status := case when bytes > max_bytes then 'too-large' when patch = '[]' then 'unchanged' else 'changed' end;
end
$function$;

-- Takes the content of a document's versions from `p_oldest` to the one before `p_first`, at most 256 of them, oldest
-- first. Who made them, when, how, why and where stays. `context` is 7 for settings, of which the first version that
-- keeps its content is kept whole from then on, so that it and those after it can be shown as before; or 3 for what was
-- changed of the user, which nobody puts together again.
create or replace function thin_user_versions(
  p_user_id varchar, p_context integer, p_oldest bigint, p_first bigint, out versions integer, out bytes bigint
)
language plpgsql volatile as $function$
declare
  max_versions constant integer := 256;
  oldest bigint;
  first_kept bigint;
  document jsonb;
begin
  -- In the order in which a change locks, and erasing a user.
  if p_context = change_context('USER_SETTINGS') then
    perform from user_settings s where s.user_id = p_user_id for update;
  else
    perform from users u where u.id = p_user_id for no key update;
  end if;
  select min(c.version) into oldest from user_changes c
    where c.user_id = p_user_id and c.context = p_context
      and c.version >= p_oldest and c.thinned_operations is null;
  first_kept := least(p_first, oldest + max_versions);

  if p_context = change_context('USER_SETTINGS') then
    document := user_document_at(p_user_id, p_context, first_kept);
    update user_changes c set snapshot = document
      where c.user_id = p_user_id and c.context = p_context and c.version = first_kept
        and c.snapshot is null;
  end if;
  select count(*), coalesce(sum(pg_column_size(c.patch) + coalesce(pg_column_size(c.snapshot), 0)), 0)
    into versions, bytes from user_changes c
    where c.user_id = p_user_id and c.context = p_context
      and c.version >= oldest and c.version < first_kept and c.thinned_operations is null;
  update user_changes c
    set patch = settings_outline(c.patch), snapshot = null, thinned_operations = jsonb_array_length(c.patch)
    where c.user_id = p_user_id and c.context = p_context
      and c.version >= oldest and c.version < first_kept and c.thinned_operations is null;
  if p_context = change_context('USER_SETTINGS') then
    update user_settings s set history_from = first_kept where s.user_id = p_user_id;
  else
    update users u set history_from = first_kept where u.id = p_user_id;
  end if;
end
$function$;

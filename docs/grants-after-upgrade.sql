-- Takes back what the role "service" needed before the functions of src/database/functions, and needs no more. Run it
-- as the role that owns the tables, once no instance of an older release is left; running it again changes nothing.

revoke insert, update, delete on organization_settings, user_settings, organization_changes, user_changes from service;
revoke update on organizations from service;
revoke insert, update, delete on users, members from service;
revoke all on sequence change_sequence from service;

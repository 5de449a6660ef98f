/** What was changed, as the platform numbers it. */
export enum ChangeContext {
  USER = 3,
  ORGANIZATION = 4,
  USER_SETTINGS = 7,
  ORGANIZATION_SETTINGS = 8,
}

/** What was changed, as the platform numbers it. */
export enum ChangeContext {
  USER = 3,
  ORGANIZATION = 4,
  USER_SETTINGS = 7,
  ORGANIZATION_SETTINGS = 8,
  ORGANIZATION_POLICY = 100,
  SYSTEM_SETTINGS = 101,
  SYSTEM_POLICY = 102,
  /** That somebody asked whom a change would touch. */
  IMPACT = 104,
}

/** The context of changes of service accounts, for which the platform has no number; they are no events. */
export const SERVICE_ACCOUNT_CONTEXT = 103;

/** What was changed, as the history has it. */
export type HistoryContext = ChangeContext | typeof SERVICE_ACCOUNT_CONTEXT;

/** What only operators see, in their words; `CONTEXTS` has those of events. */
export const OPERATOR_CONTEXTS = {
  [ChangeContext.SYSTEM_SETTINGS]: 'systemsettings',
  [ChangeContext.SYSTEM_POLICY]: 'systempolicy',
  [SERVICE_ACCOUNT_CONTEXT]: 'service',
} as const;

/** The reply to a GET. */
export class GetSettingsResponseDto {
  /** Always true. */
  success: boolean;

  /** The whole document; `{}` before the first write. */
  settings: Record<string, unknown>;
}

/** The reply to a write. */
export class SettingsWrittenResponseDto {
  /** Always true. */
  success: boolean;

  /** What was done. */
  message: string;
}

/** The reply to a request for settings that failed. */
export class SettingsErrorDto {
  /** Always false. */
  success: boolean;

  /** What kind of thing was wrong. */
  message: string;

  /** What exactly was wrong, where the message does not say it. */
  error?: string;
}

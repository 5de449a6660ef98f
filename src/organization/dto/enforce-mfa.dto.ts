import { IsBoolean } from 'class-validator';

/** Whether multi-factor authentication is enforced. */
export class EnforceMfaDto {
  @IsBoolean({ message: 'enforced must be a boolean' })
  enforced: boolean;
}

/** The reply to a change of it. */
export class EnforceMfaResponseDto {
  /** Always true. */
  success: boolean;

  /** What was done. */
  message: string;
}

/** The reply to a change of it that failed. */
export class EnforceMfaErrorDto {
  /** Always false. */
  success: boolean;

  /** What was wrong. */
  error: string;
}

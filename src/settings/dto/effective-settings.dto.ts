import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsIn, IsOptional, IsString, MaxLength, MinLength } from 'class-validator';
import { ApiInteger } from '../../common/http/api-integer.decorator.js';
import { ReadSettingsDto } from './read-settings.dto.js';

/** Which settings to tell, and how much about them. */
export class ReadEffectiveSettingsDto extends ReadSettingsDto {
  /** `organization`: without the user's own settings. */
  @ApiPropertyOptional({ enum: ['organization'] })
  @IsOptional()
  @IsIn(['organization'], { message: 'scope must be organization' })
  scope?: 'organization';

  /** The id of a member, whose settings a service account with the scope `user-settings:read` asks for. */
  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  @MinLength(1, { message: 'user must be the id of a member' })
  @MaxLength(255, { message: 'user must be the id of a member' })
  user?: string;

  /** Whether to add where each value is from. */
  @ApiPropertyOptional()
  @Transform(({ value }) => ({ true: true, false: false })[String(value)] ?? (value as unknown), { toClassOnly: true })
  @IsBoolean({ message: 'explain must be true or false' })
  explain: boolean = false;
}

/** Which policy locks a setting, and why. */
export class EffectiveLockDto {
  @ApiProperty({ enum: ['system', 'organization'] })
  by: 'system' | 'organization';

  reason?: string;
}

/** Why a setting is what it is. */
export class EffectiveReasonDto {
  /** The layer whose value it is, or the `default` of a schema. */
  @ApiProperty({ enum: ['system', 'organization', 'user', 'default'] })
  from: 'system' | 'organization' | 'user' | 'default';

  /** Whose policy has that schema; only of a default. */
  @ApiPropertyOptional({ enum: ['system', 'organization'] })
  policy?: 'system' | 'organization';

  /** The version of the document that has the value. */
  @ApiInteger()
  version: number;

  /** When that version was made. */
  @ApiProperty({ type: 'string', format: 'date-time', nullable: true })
  at: string | null;

  locked?: EffectiveLockDto;

  /** The layers whose own value does not apply, the nearest to the user first. */
  @ApiPropertyOptional({ type: [String], enum: ['system', 'organization', 'user'] })
  overridden?: ('system' | 'organization' | 'user')[];

  /** What their values are, of those that the caller may read. */
  @ApiPropertyOptional({ type: 'object', additionalProperties: true })
  values?: Record<string, unknown>;
}

/** The reply to a request for the effective settings. */
export class GetEffectiveSettingsResponseDto {
  /** Always true. */
  success: boolean;

  /** The settings that apply. */
  settings: Record<string, unknown>;

  /** With `explain`: why, by the JSON Pointer (RFC 6901) of each leaf. */
  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { $ref: '#/components/schemas/EffectiveReasonDto' },
  })
  reasons?: Record<string, EffectiveReasonDto>;
}

import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean } from 'class-validator';

/** How to make a change. */
export class ChangeSettingsDto {
  /** Check everything, store nothing, and show what the settings would be. */
  @ApiPropertyOptional()
  @Transform(({ value }) => ({ true: true, false: false })[String(value)] ?? (value as unknown), { toClassOnly: true })
  @IsBoolean({ message: 'dryRun must be true or false' })
  dryRun: boolean = false;

  /** With `dryRun`: tell whom the change would touch, too; 10 times a minute for an organization. */
  @ApiPropertyOptional()
  @Transform(({ value }) => ({ true: true, false: false })[String(value)] ?? (value as unknown), { toClassOnly: true })
  @IsBoolean({ message: 'impact must be true or false' })
  impact: boolean = false;
}

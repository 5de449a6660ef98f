import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsInt } from 'class-validator';
import { ROLES } from '../../auth/role.js';
import { INVALID_ROLE } from '../member.errors.js';

/** The number of a role. */
export const IsRole = ({ required = true } = {}) =>
  applyDecorators(
    ApiProperty({
      type: 'integer',
      enum: [...ROLES],
      required,
      description: '0 USER, 1 BILLING, 2 WORKSPACES, 254 ADMINISTRATOR, 255 OWNER.',
    }),
    IsInt({ message: '$property must be a whole number' }),
    IsIn(ROLES, { message: INVALID_ROLE }),
  );

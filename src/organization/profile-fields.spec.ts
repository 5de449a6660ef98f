import { readFileSync } from 'node:fs';
import { getMetadataStorage } from 'class-validator';
import { getMetadataArgsStorage } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { UpdateOrganizationDto } from './dto/update-organization.dto.js';
import { Organization } from './organization.entity.js';
import { PROFILE_FIELDS } from './profile-fields.js';

const names = PROFILE_FIELDS.map(({ name }) => name);

describe('the fields of a profile', () => {
  it('are the columns of an organization but those of its row', () => {
    const columns = getMetadataArgsStorage()
      .columns.filter(({ target }) => target === Organization)
      .map(({ propertyName, options }) => options.name ?? propertyName);
    expect(PROFILE_FIELDS.map(({ column }) => column).toSorted()).toStrictEqual(
      columns
        .filter((column) => !['version', 'created_at', 'updated_at', 'history_bytes', 'history_from'].includes(column))
        .toSorted(),
    );
  });

  it('are validated where they may be changed', () => {
    const validated = getMetadataStorage()
      .getTargetValidationMetadatas(UpdateOrganizationDto, '', false, false)
      .map(({ propertyName }) => propertyName);
    const writable = PROFILE_FIELDS.filter(({ isWritable }) => isWritable).map(({ name }) => name);
    expect([...new Set(validated)].toSorted()).toStrictEqual(writable.toSorted());
  });

  it('are restored where they may be changed', () => {
    const text = readFileSync('src/database/functions/organization_columns.sql', 'utf8');
    const restored = /f\.name in \(([^)]*)\)/.exec(text)![1]!.match(/\w+/g)!;
    const writable = PROFILE_FIELDS.filter(({ isWritable }) => isWritable).map(({ name }) => name);
    expect(restored.toSorted()).toStrictEqual(writable.toSorted());
  });

  it('are documented in the order in which they are shown', () => {
    const { components } = JSON.parse(readFileSync('openapi.json', 'utf8')) as {
      components: { schemas: Record<string, { properties: object }> };
    };
    expect(Object.keys(components.schemas['OrganizationResponseDto']!.properties)).toStrictEqual(names);
  });
});

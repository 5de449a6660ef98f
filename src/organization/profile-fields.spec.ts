import { readFileSync } from 'node:fs';
import { getMetadataStorage } from 'class-validator';
import { getMetadataArgsStorage } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { UpdateOrganizationDto } from './dto/update-organization.dto.js';
import { Organization } from './organization.entity.js';
import { PROFILE_FIELDS } from './profile-fields.js';

const names = PROFILE_FIELDS.map(({ name }) => name);
const writable = PROFILE_FIELDS.filter(({ isWritable }) => isWritable);

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
    expect([...new Set(validated)].toSorted()).toStrictEqual(writable.map(({ name }) => name).toSorted());
  });

  it('are restored where they may be changed', () => {
    const left = /f\.name not in \(([^)]*)\)/.exec(textOf('organization_columns'))![1]!.match(/\w+/g)!;
    expect(left.toSorted()).toStrictEqual(
      names.filter((name) => !writable.some((field) => field.name === name)).toSorted(),
    );
  });

  it('are shown, each from its column', () => {
    const shown = textOf('organization_profile_2').matchAll(/'(\w+)', organization\.(\w+)/g);
    expect([...shown].map(([, name, column]) => ({ name, column }))).toStrictEqual(
      PROFILE_FIELDS.map(({ name, column }) => ({ name, column })),
    );
  });

  it('are compared where they may be changed', () => {
    const compared = textOf('organization_change_3').matchAll(
      /case when after\.(\w+) is distinct from before\.\1\s+then .*'\/(\w+)', 'value', after\.\1\) end/g,
    );
    expect([...compared].map(([, column, name]) => ({ name, column }))).toStrictEqual(
      writable.map(({ name, column }) => ({ name, column })),
    );
  });

  it('are written where they may be changed', () => {
    const written = textOf('organization_change_3').matchAll(/(\w+) = after\.\1,/g);
    expect([...written].map(([, column]) => column)).toStrictEqual([
      ...writable.map(({ column }) => column),
      'updated_at',
    ]);
  });

  it('are documented in the order in which they are shown', () => {
    const { components } = JSON.parse(readFileSync('openapi.json', 'utf8')) as {
      components: { schemas: Record<string, { properties: object }> };
    };
    expect(Object.keys(components.schemas['OrganizationResponseDto']!.properties)).toStrictEqual(names);
  });
});

function textOf(name: string): string {
  return readFileSync(`src/database/functions/${name}.sql`, 'utf8');
}

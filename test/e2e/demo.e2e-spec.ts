import { afterAll, beforeAll, expect, it } from 'vitest';
import { DemoService } from '../../src/demo/demo.service.js';
import { TestApp } from '../support/app.js';
import { anOrganization } from '../support/factories.js';

let app: TestApp;

beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.close());

const emails = async () =>
  (await app.dataSource.query<{ email: string }[]>('select email from users order by email')).map(({ email }) => email);

const ALL = [
  'administrator@acme.example',
  'billing@acme.example',
  'owner@acme.example',
  'user@acme.example',
  'workspaces@acme.example',
];

it('makes one user for each role, and what is missing when it was interrupted', async () => {
  const demo = app.nest.get(DemoService);
  await demo.create();
  expect(await emails()).toStrictEqual(ALL);
  await app.dataSource.query(`delete from members; `);
  await app.dataSource.query(`delete from users where email <> 'billing@acme.example'`);
  await demo.create();
  expect(await emails()).toStrictEqual(ALL);
  expect(await demo.findUser('OWNER')).toMatchObject({ role: 'OWNER', deletedAt: null });
});

it('leaves alone what is not its own', async () => {
  await app.dataSource.query('delete from members');
  await app.dataSource.query('delete from users');
  await app.dataSource.query('delete from organizations');
  await anOrganization(app.dataSource, { domain: 'somebody.example.com' });
  const before = await emails();
  await app.nest.get(DemoService).create();
  expect(await emails()).toStrictEqual(before);
});

import { afterAll, beforeAll } from 'vitest';
import { TestApp } from '../support/app.js';
import { describeDocumentedSamples, DOCUMENTED_ID } from '../support/documented-samples.js';
import { anOrganization } from '../support/factories.js';

const PROFILE = { id: DOCUMENTED_ID, domain: 'acme.com', address2: 'Suite 100' };

let app: TestApp;
let token: string;

beforeAll(async () => {
  app = await TestApp.start();
  const { owner } = await anOrganization(app.dataSource, PROFILE);
  token = app.tokenFor(owner, 600);
});
afterAll(() => app.close());

describeDocumentedSamples('the documented samples', () => ({ url: app.url, token, profile: PROFILE }));

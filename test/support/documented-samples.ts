import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { requestAt } from './app.js';
import { aFolder, runCommand } from './process.js';

/** The id that the documented request for an organization names. */
export const DOCUMENTED_ID = '123e4567-e89b-12d3-a456-426614174000';

const DOCUMENTED_SETTINGS = {
  defaultStorageType: 'S3',
  maxFileSize: '10GB',
  retentionPolicy: { enabled: true, days: 365 },
  security: { requireMFA: true, sessionTimeout: 3600 },
};

/** Where the samples are tried. */
export interface SampleStage {
  readonly url: string;
  /** The access token of an owner. */
  readonly token: string;
  /** What the profile of the organization has from before. */
  readonly profile: { readonly id: string; readonly domain: string; readonly address2: string };
}

/** Runs each documented sample, in every language that this machine has, and looks at what became of it. */
export function describeDocumentedSamples(name: string, stage: () => SampleStage): void {
  describe(name, () => {
    let folder: Awaited<ReturnType<typeof aFolder>>;

    beforeAll(async () => {
      folder = await aFolder();
    });
    afterAll(() => folder.remove());
    beforeEach(async () => {
      await settings('POST', { settings: {} });
      await settings('POST', { settings: {} }, '/settings/user');
    });

    const settings = (method: string, body?: unknown, path = '/settings/organization') =>
      requestAt(stage().url, method, path, { body }, stage().token);

    /** The sample with host and token filled in. */
    const sample = (name: string) =>
      readFileSync(join('test/samples', name), 'utf8')
        .replaceAll('https://backend.flashback.tech', stage().url)
        .replaceAll('{access-token}', stage().token)
        .replaceAll(DOCUMENTED_ID, stage().profile.id);

    describe('curl', () => {
      const run = async (name: string) => {
        const { stdout } = await runCommand('sh', ['-c', `${sample(name).trim()} --silent`], folder.path);
        return JSON.parse(stdout) as unknown;
      };

      it('PUT /settings/organization', async () => {
        await settings('POST', { settings: { kept: 1, security: { sessionTimeout: 5 } } });
        expect(await run('put-settings-organization.sh')).toStrictEqual({
          success: true,
          message: 'Organization settings partially updated successfully',
        });
        expect((await settings('GET')).body).toStrictEqual({
          success: true,
          settings: { kept: 1, maxFileSize: '20GB', security: { sessionTimeout: 5, requireMFA: false } },
        });
      });

      it('DELETE /settings/organization', async () => {
        await settings('POST', { settings: DOCUMENTED_SETTINGS });
        expect(await run('delete-settings-organization.sh')).toStrictEqual({
          success: true,
          message: 'Organization settings keys deleted successfully',
        });
        expect((await settings('GET')).body).toStrictEqual({
          success: true,
          settings: { defaultStorageType: 'S3', maxFileSize: '10GB', security: { sessionTimeout: 3600 } },
        });
      });

      it('PUT /settings/user', async () => {
        expect(await run('put-settings-user.sh')).toStrictEqual({
          success: true,
          message: 'User settings partially updated successfully',
        });
        expect((await settings('GET', undefined, '/settings/user')).body).toStrictEqual({
          success: true,
          settings: { theme: 'light', notifications: { email: false } },
        });
      });

      it('PUT /organization/{orgId}', async () => {
        expect(await run('put-organization.sh')).toStrictEqual({
          success: true,
          data: {
            id: stage().profile.id,
            name: 'Updated Organization Name',
            domain: stage().profile.domain,
            address1: '456 New Business Ave',
            address2: stage().profile.address2,
            city: 'Los Angeles',
            zipcode: null,
            phone: null,
            state: 'CA',
            country: null,
            deletedAt: null,
            reposDisabled: false,
            website: null,
            is_business: false,
            mfaEnforced: true,
          },
          message: 'Organization updated successfully',
        });
      });
    });

    describe('POST /settings/organization', () => {
      const UPDATED = { success: true, message: 'Organization settings updated successfully' };

      for (const { language, extension, file, isInstalled: isHere, complete = String, command } of LANGUAGES) {
        it.skipIf(!isHere())(`in ${language}`, { timeout: 120_000 }, async () => {
          writeFileSync(join(folder.path, file), complete(sample(`post-settings-organization.${extension}`)));
          const { stdout, stderr } = await runCommand(...command(file), folder.path);
          // Some languages print the reply in their own notation; the message is the same in all of them.
          expect(`${stdout}${stderr}`).toContain(UPDATED.message);
          expect((await settings('GET')).body).toStrictEqual({ success: true, settings: DOCUMENTED_SETTINGS });
        });
      }

      it('as plain HTTP', async () => {
        const [head = '', body = ''] = sample('post-settings-organization.http').split(/\n(?=\{)/);
        const request = [
          ...head.split('\n'),
          `Content-Length: ${Buffer.byteLength(body)}`,
          'Connection: close',
          '',
          body,
        ];
        const reply = await new Promise<string>((resolve, reject) => {
          const socket = connect(Number(new URL(stage().url).port), '127.0.0.1', () =>
            socket.write(request.join('\r\n')),
          );
          let received = '';
          socket.on('data', (chunk) => (received += chunk.toString()));
          socket.on('close', () => resolve(received));
          socket.on('error', reject);
        });
        expect(reply).toMatch(/^HTTP\/1\.1 200 OK/);
        expect(reply).toContain(JSON.stringify(UPDATED));
        expect((await settings('GET')).body).toStrictEqual({ success: true, settings: DOCUMENTED_SETTINGS });
      });
    });
  });
}

const isInstalled = (command: string, ...args: string[]) => {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

const PHP_AUTOLOAD = ['/usr/share/php/GuzzleHttp/autoload.php', 'vendor/autoload.php'].find((path) => existsSync(path));

/** How each language runs its sample of POST /settings/organization, with what the sample leaves open. */
const LANGUAGES: {
  language: string;
  extension: string;
  file: string;
  isInstalled: () => boolean;
  complete?: (sample: string) => string;
  command: (file: string) => [string, string[]];
}[] = [
  {
    language: 'curl',
    extension: 'sh',
    file: 'sample.sh',
    isInstalled: () => isInstalled('curl', '--version'),
    command: (file) => ['sh', [file]],
  },
  {
    language: 'JavaScript',
    extension: 'js',
    file: 'sample.js',
    isInstalled: () => true,
    command: (file) => [process.execPath, [file]],
  },
  {
    language: 'Ruby',
    extension: 'rb',
    file: 'sample.rb',
    isInstalled: () => isInstalled('ruby', '-e', "require 'rest-client'"),
    // As documented the headers go nowhere: the gem takes them as the last argument itself.
    complete: (text) => text.replace('body.to_json, headers: headers', 'body.to_json, headers'),
    command: (file) => ['ruby', [file]],
  },
  {
    language: 'Python',
    extension: 'py',
    file: 'sample.py',
    isInstalled: () => isInstalled('python3', '-c', 'import requests'),
    complete: (text) => text.replace('print(r.json())', 'print(json.dumps(r.json()))'),
    command: (file) => ['python3', [file]],
  },
  {
    language: 'PHP',
    extension: 'php',
    file: 'sample.php',
    isInstalled: () => PHP_AUTOLOAD !== undefined && isInstalled('php', '--version'),
    complete: (text) => text.replace('vendor/autoload.php', PHP_AUTOLOAD!),
    command: (file) => ['php', [file]],
  },
  {
    language: 'Java',
    extension: 'java',
    file: 'Sample.java',
    isInstalled: () => isInstalled('java', '--version'),
    complete: (text) =>
      `import java.io.*;\nimport java.net.*;\npublic class Sample { public static void main(String[] a) throws Exception {\n${text}\n} }`,
    command: (file) => ['java', [file]],
  },
  {
    language: 'Go',
    extension: 'go',
    file: 'sample.go',
    isInstalled: () => isInstalled('go', 'version'),
    complete: (text) =>
      text.replace(
        '// ...',
        'if err != nil { panic(err) }\nreply := make([]byte, 4096)\nn, _ := resp.Body.Read(reply)\nprintln(string(reply[:n]))',
      ),
    command: (file) => ['go', ['run', file]],
  },
];

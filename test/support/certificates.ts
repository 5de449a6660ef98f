import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { outputOf } from './operating-system.js';

/** Older ones do not sign what they make in one step. */
export const HAS_OPENSSL = /^OpenSSL [3-9]/.test(outputOf('openssl', ['version']) ?? '');

/** The files of a certificate and of its key. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** Makes certificates that are good for a day, in a folder of their own. */
export class Certificates {
  readonly folder = mkdtempSync(join(tmpdir(), 'flashback-certificates-'));

  authority(name: string): Certificate {
    return this.make(name, []);
  }

  /** @param host the name that a client checks, beside the name of who has the certificate */
  signedBy(authority: Certificate, name: string, host?: string): Certificate {
    const names = host === undefined ? [] : ['-addext', `subjectAltName=DNS:${host}`];
    return this.make(name, ['-CA', authority.cert, '-CAkey', authority.key, ...names]);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  private make(name: string, signing: string[]): Certificate {
    const [cert, key] = [join(this.folder, `${name}.crt`), join(this.folder, `${name}.key`)];
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const what = ['-subj', `/CN=${name}`, '-days', '1', '-keyout', key, '-out', cert];
    execFileSync('openssl', ['req', '-x509', ...curve, ...what, ...signing], { stdio: 'ignore' });
    return { cert, key };
  }
}

import { describe, expect, it } from 'vitest';
import { parseDatabaseAddress } from './database-address.js';

describe('the address of a database', () => {
  it.each([
    ['postgres://h', { host: 'h' }],
    [
      'postgresql://ada:pa%23s%25@h:6432/d%2Fb%23',
      { host: 'h', port: 6432, user: 'ada', password: 'pa#s%', database: 'd/b#' },
    ],
    ['postgres://ada:p@ss:word@h/db', { host: 'h', user: 'ada', password: 'p@ss:word', database: 'db' }],
    ['postgres://z%C3%BC:%C3%BC@h/%C3%BC', { host: 'h', user: 'zü', password: 'ü', database: 'ü' }],
    ['postgres://[::1]:5432/db', { host: '::1', port: 5432, database: 'db' }],
    ['postgres:///db', { database: 'db' }],
    ['postgres://%2Frun%2Fpostgresql/db', { host: '/run/postgresql', database: 'db' }],
    ['postgres://ada@/db?host=/run/postgresql', { host: '/run/postgresql', user: 'ada', database: 'db' }],
    ['postgres://h/db?sslmode=disable', { host: 'h', database: 'db', ssl: false }],
    ['postgres://h/db?sslmode=require', { host: 'h', database: 'db', ssl: {} }],
    ['postgres://h/db?sslmode=verify-full', { host: 'h', database: 'db', ssl: {} }],
    ['postgres://h/db?sslmode=no-verify', { host: 'h', database: 'db', ssl: { rejectUnauthorized: false } }],
    [
      'postgres://h/db?application_name=eu&options=-c%20search_path%3Dapp',
      { host: 'h', database: 'db', application_name: 'eu', options: '-c search_path=app' },
    ],
    ['postgres://h/db?target_session_attrs=primary', { host: 'h', database: 'db' }],
    [
      'postgres://ada:a,b@c@h1:6432,[::1],h3/db?target_session_attrs=read-write&sslmode=require',
      {
        host: 'h1',
        port: 6432,
        user: 'ada',
        password: 'a,b@c',
        database: 'db',
        ssl: {},
        hosts: [{ host: 'h1', port: 6432 }, { host: '::1' }, { host: 'h3' }],
      },
    ],
  ])('%s is read as it is meant', (text, address) => {
    expect(parseDatabaseAddress(text)).toStrictEqual(address);
  });

  const COMMA = 'has a comma without a host on one side';
  const ATTRIBUTES = 'has a target_session_attrs that does not fit: known are read-write, primary';
  const KNOWN =
    'known are sslmode, sslrootcert, sslcert, sslkey, host, application_name, options, target_session_attrs';
  const BEHIND = 'has an @ behind the host: in a name or password write / as %2F, ? as %3F, and @ as %40';
  const NONE = 'is no address: see that host and port are right, and : in a name or password is %3A';

  it.each([
    ['localhost:5432', 'must be a postgres:// or postgresql:// address'],
    ['mysql://h/db', 'must be a postgres:// or postgresql:// address'],
    ['postgres://', 'must be a postgres:// or postgresql:// address'],
    ['host=h dbname=db', 'must be a postgres:// or postgresql:// address'],
    ['postgres://u:secret#x@h/db', 'has a #: write it as %23'],
    ['postgres://u:secret%S@h/db', 'has a % that begins no character: write it as %25'],
    ['postgres://u:secret%@h/db', 'has a % that begins no character: write it as %25'],
    ['postgres://u:secret%ff@h/db', 'has a % that begins no character: write it as %25'],
    ['postgres://u:secret%00@h/db', 'has a % that begins no character: write it as %25'],
    ['postgres://u:sec ret@h/db', 'has a blank or a line end: write a blank as %20'],
    ['postgres://u:secret@h/db\n', 'has a blank or a line end: write a blank as %20'],
    ['postgres://u:1secret/x@h/db', BEHIND],
    ['postgres://u:1/secret@h/db', BEHIND],
    ['postgres://u:1?secret@h/db', BEHIND],
    ['postgres://u:sec?ret@h/db', BEHIND],
    ['postgres://u:secret@h:http/db', NONE],
    ['postgres://u:secret@h:0/db', NONE],
    ['postgres://u:secret@h:99999/db', NONE],
    ['postgres://u:secret@a,/db', COMMA],
    ['postgres://u:secret@a,,b/db', COMMA],
    ['postgres://u:secret@a:5432,b:http/db', NONE],
    ['postgres://u:1,secret/x@h/db', BEHIND],
    ['postgres://u:secret@a/db?host=a,b', 'names several hosts in the parameter host: write host1:5432,host2:5432'],
    ['postgres://u:secret@h/db?sslmod=require', `has an unknown parameter sslmod: ${KNOWN}`],
    ['postgres://u:secret@a,b/db?target_session_attrs=any', ATTRIBUTES],
    ['postgres://u:secret@h/db?target_session_attrs=standby', ATTRIBUTES],
    ['postgres://u:1?secret!x', `has an unknown parameter: ${KNOWN}`],
    ['postgres://u:secret@h/db?host=a&host=b', 'has the parameter host twice'],
    [
      'postgres://u:secret@h/db?sslmode=prefer',
      'has an unknown sslmode: known are disable, require, verify-ca, verify-full, no-verify',
    ],
    ['postgres://u:secret@h/db?sslrootcert=/nowhere', 'has an sslrootcert that cannot be read: ENOENT'],
    ['postgres://u:secret@h/db?sslrootcert=package.json', 'has an sslrootcert that is no certificate in PEM'],
    ['postgres://u:secret@h/db?sslkey=package.json', 'needs both of sslcert and sslkey'],
    [
      'postgres://u:secret@h/db?sslcert=package.json&sslkey=package.json',
      'has an sslcert or sslkey that is none in PEM, or not one for the other',
    ],
  ])('%s is refused without a word of the password', (text, problem) => {
    expect(() => parseDatabaseAddress(text)).toThrow(new Error(problem));
    expect(problem).not.toContain('secret');
  });
});

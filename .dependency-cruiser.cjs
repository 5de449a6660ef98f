/** Who may import whom; docs/architecture.md draws it. */

const FEATURES =
  'auth|user|service-account|history|organization|member|invitation|rate-limit|settings|system-event|observability|health|admin|demo|all-organizations|watch|layers|console';

const only = (folder, allowed, why) => ({
  name: `${folder}-imports`,
  comment: why,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: '^src/', pathNot: `^src/(${[folder, ...allowed].join('|')})(/|\\.ts)` },
});

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'A cycle has no reading order.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment: 'What nobody imports is dead.',
      severity: 'error',
      from: { orphan: true, path: '^(src|client/src|console/src)/', pathNot: '(\\.d|\\.spec)\\.ts$' },
      to: {},
    },
    {
      name: 'no-dev-dependencies',
      comment: 'A production install has no development packages.',
      severity: 'error',
      from: { path: '^(src|ormconfig)', pathNot: '\\.spec\\.ts$' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
    only('common', [], 'What everybody uses knows nobody.'),
    only('config', ['common'], 'The environment is read before anything else exists.'),
    only('database', ['config', 'common'], 'The database knows tables as a list that it is given.'),
    only('auth', ['config', 'common'], 'A token says who asks, and nothing about organizations.'),
    only('user', ['auth', 'database', 'config', 'common'], 'A user exists without an organization.'),
    only(
      'service-account',
      ['auth', 'database', 'config', 'common'],
      'A service account is what its row says, whatever it acts on.',
    ),
    only(
      'history',
      ['observability', 'database', 'config', 'common'],
      'A change is kept the same way, whatever was changed.',
    ),
    only(
      'organization',
      ['history', 'service-account', 'user', 'auth', 'database', 'config', 'common'],
      'Memberships join users and organizations.',
    ),
    only('layers', ['database', 'config', 'common'], 'What applies follows from documents, whoever keeps them.'),
    only(
      'settings',
      [
        'layers',
        'watch',
        'rate-limit',
        'organization',
        'observability',
        'history',
        'service-account',
        'user',
        'auth',
        'database',
        'config',
        'common',
      ],
      'Settings belong to users and organizations, which do without them.',
    ),
    only(
      'member',
      ['organization', 'history', 'service-account', 'user', 'auth', 'database', 'config', 'common'],
      'Members are users of an organization.',
    ),
    only(
      'watch',
      ['organization', 'observability', 'history', 'service-account', 'user', 'auth', 'database', 'config', 'common'],
      'What is watched is a version, whatever it is a version of.',
    ),
    only(
      'rate-limit',
      ['service-account', 'auth', 'config', 'common'],
      'Requests are counted for callers and organizations, whatever they ask for.',
    ),
    only(
      'all-organizations',
      ['rate-limit', 'organization', 'service-account', 'auth', 'database', 'config', 'common'],
      'What is read of all organizations is read past what is for one of them.',
    ),
    only(
      'system-event',
      ['organization', 'history', 'service-account', 'user', 'auth', 'database', 'config', 'common'],
      'Events are what the history kept, whoever wrote it.',
    ),
    only(
      'invitation',
      ['organization', 'observability', 'database', 'config', 'common'],
      'Invitations are what the members made them, and are delivered whoever made them.',
    ),
    only(
      'admin',
      [
        'invitation',
        'system-event',
        'settings',
        'organization',
        'history',
        'service-account',
        'user',
        'auth',
        'database',
        'config',
        'common',
        'app.module',
      ],
      'The command works on the same services as the API, and has none of its own below it.',
    ),
    only(
      'console',
      ['demo', 'auth', 'config', 'common'],
      'The console is a client like any other; only demo users sign in through it.',
    ),
    only('demo', ['admin', 'auth', 'config', 'common'], 'Demo data is made the way an operator makes data.'),
    only(
      'observability',
      ['database', 'config', 'common'],
      'Logs, metrics and traces are the same whatever a request asks for.',
    ),
    only(
      'health',
      ['observability', 'rate-limit', 'auth', 'database', 'config', 'common'],
      'Health looks at dependencies, not at features.',
    ),
    {
      name: 'client-needs-nothing',
      comment: 'The client runs in browsers and edge runtimes, without any package beside it.',
      severity: 'error',
      from: { path: '^client/src/' },
      to: { pathNot: '^client/src/' },
    },
    {
      name: 'client-main-is-not-live',
      comment: 'Only who imports the live entry loads it.',
      severity: 'error',
      from: { path: '^client/src/', pathNot: '^client/src/(live|followed-versions|event-stream)' },
      to: { path: '^client/src/(live|followed-versions|event-stream)' },
    },
    {
      name: 'client-main-is-small',
      comment: 'Only who imports the lossless entry loads it.',
      severity: 'error',
      from: { path: '^client/src/', pathNot: '^client/src/(lossless|json-number)' },
      to: { path: '^client/src/(lossless|json-number)' },
    },

    {
      name: 'feature-internals',
      comment: "A feature's dto, controllers and pipes are its own.",
      severity: 'error',
      from: { path: `^src/(${FEATURES})/` },
      to: { path: `^src/(${FEATURES})/(dto/|.*\\.(controller|pipe|replies)\\.ts)`, pathNot: '^src/$1/' },
    },
    {
      name: 'services-know-no-http',
      comment: 'A service is called by controllers, commands and tests alike.',
      severity: 'error',
      from: { path: '\\.(service|repository)\\.ts$' },
      to: {
        path: '(@nestjs/(swagger|platform-fastify)|node_modules/fastify|\\.controller\\.ts|\\.pipe\\.ts|src/common/http)',
      },
    },
    {
      name: 'repositories-below-services',
      comment: 'Controllers ask services; the one way to the database leads through a repository.',
      severity: 'error',
      from: { path: '\\.controller\\.ts$' },
      to: { path: '\\.(repository|entity)\\.ts$', dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    moduleSystems: ['es6', 'cjs'],
  },
};

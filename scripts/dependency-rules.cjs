// Who may import whom. Type imports count; cycles are refused wherever they are.
const PRODUCT = '^(agent|alerts|base|drivers|receiver|sync|verify)/'

/** A third-party package has one home: replacing it is a change in one folder. */
const home = (name, packages, place) => ({
  name: `${name}-home`,
  severity: 'error',
  from: { path: PRODUCT, pathNot: place },
  to: { path: `node_modules/(@types/)?(${packages})/` },
})

/** A rule that refuses imports from a room. */
const never = (name, from, to, but) => ({
  name,
  severity: 'error',
  from: typeof from === 'string' ? { path: from } : from,
  to: but === undefined ? { path: to } : { path: to, pathNot: but },
})

// Every driver may use these; they contain no family.
const SHARED_DRIVERS = 'ports|links|native|recording|tr03151|se-api|rt'
// The part of base that begins nothing: no file, process or timer.
const PURE_BASE =
  '^base/(business-dates|canonical|clock|ids|money|sha256|text|thrown|transient-map|voucher-number)\\.ts$'

// As agent/README.md draws them, from the bottom up: a room may import the rooms before it.
const ORDER =
  'contract texts register config state process journal devices receipts laws proof till backup sync tls http watch wiring cli'
const folders = ORDER.split(' ')
const fromTheBottomUp = folders.slice(0, -1).map((folder, at) => {
  const above = `^agent/(${folders.slice(at + 1).join('|')})/`
  return never('rooms-from-the-bottom-up', `^agent/${folder}/`, above)
})

module.exports = {
  forbidden: [
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    // Modules of the pages that the agent makes, or that both pages load.
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^/page/(texts|display-texts|elements)\\.js$' },
    },
    {
      name: 'no-test-tools-in-product',
      severity: 'error',
      from: { path: PRODUCT },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    never('product-alone', PRODUCT, '^(clients|scripts|test)/'),
    // A till installs it without us, and without any package.
    never(
      'client-alone',
      '^clients/typescript/',
      `${PRODUCT}|^(scripts|test)/|node_modules/`,
      'node_modules/@types/node/',
    ),
    // A browser has no modules of Node.
    {
      name: 'client-in-a-browser',
      severity: 'error',
      from: { path: '^clients/typescript/', pathNot: '/(file-store|store-lock)\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    // Every room may import it: a rule that lists the permitted imports of a room names it too.
    never('base-is-the-ground', '^base/', '^(agent|alerts|drivers|receiver|sync|verify)/'),
    never('base-knows-no-package', '^base/', 'node_modules/', 'node_modules/(@types/node|pino|saxes|zod)/'),
    never('drivers-are-a-leaf', '^drivers/', '^(agent|alerts|receiver|sync|verify)/'),
    never('sync-is-a-leaf', '^sync/', '^(agent|alerts|drivers|receiver|verify)/'),
    // Both ends use it; a receiver that knew the sender would hide what is protocol.
    never('protocol-knows-no-end', '^sync/protocol/', PRODUCT, '^(base|sync/protocol)/'),
    // A verifier that shares code with the writer proves nothing; the standard's formats belong to no writer.
    never('verify-is-an-island', '^verify/', PRODUCT, '^(base|verify|drivers/tr03151)/'),
    // They are compared with a package, so they must not come from the rows of its writer.
    never(
      'journalled-bons-without-the-writer',
      '^agent/laws/germany/journalled-bons\\.ts$',
      '^agent/laws/germany/dsfinvk/',
    ),
    // A column of an export changes; a signed text never does.
    {
      name: 'signed-texts-without-the-export',
      severity: 'error',
      from: { path: '^agent/laws/germany/(process-data|order-text|order-move|rules)\\.ts$' },
      to: { path: '^agent/laws/germany/dsfinvk/', reachable: true },
    },
    // A file is checked by its writer before it is handed out, or by a command.
    never('verifiers-of-files', { path: '^agent/', pathNot: '^agent/(journal|laws|cli)/' }, '^verify/'),
    // A command gets the checker of a law's file from the list of the laws.
    never('laws-check-their-files', '^agent/cli/', '^verify/', '^verify/(journal|tse)/'),
    never('journal-verifies-itself', '^agent/journal/', '^verify/', '^verify/journal/'),
    // A receiver will use the same rules and channels as the agent.
    never('alerts-are-an-island', '^alerts/', PRODUCT, '^(alerts|base)/'),
    never('receiver-is-an-island', '^receiver/', PRODUCT, '^(base|receiver|sync/protocol)/'),

    // drivers
    never('ports-are-types-alone', '^drivers/ports/', '.', '^drivers/(ports/|errors\\.ts$)'),
    never('family-alone', '^drivers/([^/]+)/', '^drivers/[^/]+/', `^drivers/($1|${SHARED_DRIVERS})/`),
    never(
      'shared-drivers-know-no-family',
      `^drivers/((${SHARED_DRIVERS})/|(delay|errors|fault-times|faults|queue|refusal-class|refused-pins|running-simulator)\\.ts$)`,
      '^drivers/',
      `^drivers/((${SHARED_DRIVERS})/|(delay|errors|fault-times|faults|queue|refusal-class|refused-pins|running-simulator)\\.ts$)`,
    ),
    never('standard-is-pure', '^drivers/tr03151/', '^drivers/(links|native|se-api)/'),
    never('only-the-catalog-is-opened', `^drivers/[^/]+/`, '^drivers/catalog\\.ts$'),

    // agent
    ...fromTheBottomUp,
    never(
      'only-compose-opens',
      {
        path: '^agent/',
        pathNot:
          '^agent/(compose\\.ts$|config/(schema|alerts)\\.ts$|wiring/(alert(s|-facts)|authority)\\.ts$|sync/|cli/)',
      },
      '^(alerts|drivers|receiver|sync)/',
      '^drivers/(ports/|(errors|ladder)\\.ts$|tr03151/)',
    ),
    // The configuration knows the names of the rules alone.
    never('schema-knows-rules-of-alerts', '^agent/config/', '^alerts/', '^alerts/(helo-name|rules)\\.ts$'),
    // The entries of `devices` are those of the families.
    never(
      'schema-knows-settings-of-drivers',
      '^agent/config/schema\\.ts$',
      '^(drivers|receiver|sync)/',
      '^drivers/catalog\\.ts$',
    ),
    // Certificates for the shop's network are written with the same DER.
    never(
      'standard-for-law-and-technician',
      {
        path: '^agent/',
        pathNot: '^agent/(cli/|devices/uncertified\\.ts$|laws/|tls/(certificate|names)\\.ts$)',
      },
      '^drivers/tr03151/',
    ),
    // A simulator that runs next to the agent, for till developers and the demo, is opened by these alone.
    never(
      'cli-opens-no-device',
      { path: '^agent/cli/', pathNot: '^agent/cli/(simulate|demo/tax-office)\\.ts$' },
      '^drivers/',
      // The doctor looks for plugged-in devices and reaches services, and opens none.
      // `device prove` opens the one that it records.
      '^drivers/((errors|catalog|tse-catalog|device-family|opened-device|test-time|finanzonline/probe)\\.ts$|ports/|recording/|tr03151/|links/(file-faults|mounts|port-holder|usb-(devices|driver|names|port))\\.ts$)',
    ),
    never(
      'simulate-opens-no-device',
      '^agent/cli/(simulate|demo/tax-office)\\.ts$',
      '^drivers/',
      '^drivers/(simulators|running-simulator)\\.ts$',
    ),
    // Only the sync rooms know what is synced, how and to which targets.
    never(
      'only-sync-knows-sync',
      {
        path: '^agent/',
        pathNot: '^agent/(sync/(target-sync|target-reports|held-after)\\.ts$|cli/)',
      },
      '^sync/',
    ),
    never('sync-opens-no-device', '^agent/sync/', '^drivers/'),
    // The reference receiver is a separate command and does not contain the agent; a demo shows both. A restore of a
    // lost machine reads from a target.
    never(
      'cli-syncs-nothing',
      '^agent/cli/',
      '^sync/',
      '^sync/(receiver-reader|secret-files|protocol/blob-manifest)\\.ts$',
    ),
    never(
      'the-receiver-is-a-command',
      {
        path: '^agent/',
        pathNot: '^agent/cli/(receiver(/(store|token|agent|backups|certificates))?|demo/offline)\\.ts$',
      },
      '^receiver/',
    ),
    never('register-is-pure', '^agent/register/', PRODUCT, `^agent/(register/|contract/|errors\\.ts$)|${PURE_BASE}`),
    never('contract-is-pure', '^agent/contract/', PRODUCT, `^agent/(contract/|errors\\.ts$)|${PURE_BASE}`),
    {
      name: 'no-io-in-rules',
      severity: 'error',
      from: { path: '^agent/(register|contract)/' },
      to: { dependencyTypes: ['core'] },
    },
    never('texts-are-tables', '^agent/texts/', '.', '^agent/(texts/|contract/(payment|receipt)\\.ts$)'),
    never('journal-below', '^agent/journal/', '^agent/', '^agent/(journal/|contract/|errors\\.ts$)'),
    never('law-alone', '^agent/laws/([^/]+)/', '^agent/laws/[^/]+/', '^agent/laws/$1/'),
    never('laws-below', '^agent/laws/', '^agent/(http|till|cli|compose|main|config|state|process)'),
    // Only compose, the configuration, commands and the entry of a process import the list: any other importer would
    // depend on every law.
    never(
      'laws-are-handed-down',
      { path: '^agent/', pathNot: '^agent/((compose|agent-config)\\.ts$|cli/|proof/child\\.ts$|laws/law-books\\.ts$)' },
      '^agent/laws/(laws|law-books)\\.ts$',
    ),
    // Each process reads the list of the laws: the parts that only some of them need are loaded on demand.
    {
      name: 'the-list-loads-no-law',
      severity: 'error',
      from: { path: '^agent/laws/([^/]+/entry|laws|law-books)\\.ts$' },
      to: { path: '^agent/laws/[^/]+/(law|rules|acts|books/[^/]+)\\.ts$', dynamic: false },
    },
    // Loading modules is a third of a short command's CPU time (measured). A package that its reader checks is written
    // without the check, and a command does few of the works in a state directory.
    {
      name: 'checks-are-loaded-when-made',
      severity: 'error',
      from: { path: '^agent/laws/germany/dsfinvk/export(-child)?\\.ts$' },
      to: { path: '^verify/', dynamic: false },
    },
    {
      name: 'state-tasks-load-what-they-do',
      severity: 'error',
      from: { path: '^agent/cli/owner/state-tasks\\.ts$' },
      to: { path: '^agent/cli/(checks|support)/', dynamic: false },
    },
    never(
      'books-load-no-regime',
      '^agent/laws/([^/]+)/books/',
      '^agent/',
      '^agent/(journal/|laws/$1/(books/|facts\\.ts$))',
    ),
    // Each law has a shift, with the verifiers of its files: the command loads that of the law that it plays.
    {
      name: 'demos-are-loaded-when-played',
      severity: 'error',
      from: { path: PRODUCT, pathNot: '^agent/laws/[^/]+/demo/' },
      to: { path: '^agent/laws/[^/]+/demo/', dynamic: false },
    },
    never(
      'only-its-law-loads-a-demo',
      { path: PRODUCT, pathNot: '^agent/laws/[^/]+/(entry\\.ts$|demo/)' },
      '^agent/laws/[^/]+/demo/',
    ),
    // A room that watches from outside reads, and decides nothing.
    never('watch-only-looks', '^agent/watch/', '^agent/(http|till|receipts|laws|cli|compose|main|config)'),
    never(
      'receipts-are-pure',
      '^agent/receipts/',
      '^agent/',
      // Only the contents of the journal's documents, and nothing that reads the journal.
      '^agent/(receipts/|contract/|texts/|register/|journal/(documents/[a-z-]+|events)\\.ts$|errors\\.ts$)',
    ),
    never('till-below-http', '^agent/till/', '^agent/(http|cli|compose|main|config)'),
    never('till-knows-no-law', '^agent/till/', '^agent/laws/[^/]+/'),
    never('devices-know-no-law', '^agent/devices/', '^agent/laws/'),
    never('devices-are-watched-for-any-law', '^agent/wiring/devices\\.ts$', '^agent/laws/[^/]+/'),
    never(
      'http-on-top',
      '^agent/http/',
      '^agent/',
      '^agent/(http/|contract/|texts/|receipts/|till/(application|requests|administration)\\.ts$|errors\\.ts$)',
    ),
    never(
      'compose-is-the-top',
      { path: '^agent/', pathNot: '^agent/(main\\.ts$|cli/)' },
      '^agent/(compose|main)\\.ts$|^agent/cli/',
    ),
    // The parts of compose: only it may know laws, journal and devices at once.
    never('wiring-is-of-compose', { path: '^agent/', pathNot: '^agent/(compose\\.ts$|wiring/)' }, '^agent/wiring/'),
    // Comparisons of a law's file with the journal. The doctor groups its lines as the page groups its cards.
    never(
      'cli-goes-through-administration',
      '^agent/cli/',
      '^agent/(http|laws|register)/',
      '^agent/http/page/status/groups\\.js$|^agent/laws/(laws|audit-rules|demo-shift|notices|offered-export|law-books|knowledge|verify-(rules|words)|italy/(audit|books/(coverage|printer))|austria/journalled-receipts|germany/(audit|facts|archive-match|journalled-bons|verify-together|memory/read-portions))\\.ts$',
    ),

    // packages
    home('sqlite', 'better-sqlite3', '^(agent/journal|receiver)/'),
    home('express', 'express', '^(agent/http|receiver)/'),
    home('commander', 'commander', '^agent/cli/'),
    home('serial', 'serialport|usb|@node-usb/[^/]+', '^drivers/links/'),
    home('pkcs11', 'pkcs11js|graphene-pk11', '^drivers/native/'),
    home('foreign-functions', 'koffi|@koromix/[^/]+', '^drivers/tse-swissbit/'),
    home('cloud', 'pg|nats|@nats-io/[^/]+', '^(receiver|sync)/'),
    home('pino', 'pino', '^base/log\\.ts$'),
    home('drawing', 'pdfkit|fontkit|qrcode|@resvg/[^/]+|@expo-google-fonts/[^/]+', '^agent/receipts/'),
    home('zip', 'yauzl', '^verify/dsfinvk/'),
    home('xml', 'saxes', '^base/xml\\.ts$'),
    home('mail', 'nodemailer', '^alerts/'),
    home('jsonc', 'jsonc-parser', '^agent/config/'),
    home(
      'zod',
      'zod',
      '^agent/(contract/|journal/|laws/|http/|config)|^base/settings/|^drivers/.*(family|settings)\\.ts$',
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
}

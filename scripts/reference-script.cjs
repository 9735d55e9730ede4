// Makes the files of /docs that a checkout does not have: the one script of Scalar, out of its package of 24 MB, and the
// client for tills. Does nothing in an installation without devDependencies.
const fs = require('node:fs')
const path = require('node:path')
const { pathToFileURL } = require('node:url')
const { spawnSync } = require('node:child_process')
const { gzipSync } = require('node:zlib')

const modules = path.join(__dirname, '..', 'node_modules')
const source = path.join(modules, '@scalar', 'fastify-api-reference', 'dist', 'index.js')
const client = path.join(__dirname, '..', 'clients', 'typescript')
const target = path.join(modules, '.cache', 'fiskal-edge', 'docs', 'scalar.js.gz')

/** Keys that Scalar makes up: a till maker would send them. */
const MADE_UP = /YOUR_SECRET_TOKEN|QUxMIFlPVVIgQkFTRSBBUkUgQkVMT05HIFRPIFVT/g

/** The script is a route of a plugin of Fastify: an object that records its routes is enough of Fastify. */
async function readScript() {
  const { default: plugin } = await import(pathToFileURL(source).href)
  const routes = []
  const fastify = { route: (route) => routes.push(route), hasPlugin: () => false, log: console }
  plugin(fastify, { configuration: { url: '/openapi-json' } }, () => undefined)
  let script
  const reply = { header: () => reply, send: (text) => (script = text) }
  routes.find(({ url }) => url.endsWith('.js')).handler({}, reply)
  return script
}

async function placeScript() {
  const script = gzipSync((await readScript()).replace(MADE_UP, 'ofk_...'), { level: 9 })
  fs.mkdirSync(path.dirname(target), { recursive: true })
  fs.writeFileSync(`${target}.new`, script)
  fs.renameSync(`${target}.new`, target)
}

/** Under the project's own Node: the sources are TypeScript. */
function packClient() {
  const { version } = JSON.parse(fs.readFileSync(path.join(client, 'package.json'), 'utf8'))
  const file = path.join(path.dirname(target), `fiskal-edge-client-${version}.tgz`)
  const newest = Math.max(...filesIn(client).map((each) => fs.statSync(each).mtimeMs))
  if (!isAsked && fs.existsSync(file) && fs.statSync(file).mtimeMs > newest) return
  const node = path.join(modules, '.bin', 'node')
  const { status } = spawnSync(
    node,
    ['--disable-warning=ExperimentalWarning', path.join(__dirname, 'client', 'pack.ts'), file],
    { stdio: 'inherit' },
  )
  if (status !== 0) console.error('the client of /docs could not be made')
}

function filesIn(folder) {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const found = path.join(folder, entry.name)
    return entry.isDirectory() ? filesIn(found) : [found]
  })
}

// Without them the agent serves the plain reference, and no client: no reason to fail an installation under an older
// Node. The bootstrap makes only what is missing or old: node_modules may come from elsewhere, without what npm ci made
// in it.
const isAsked = require.main === module
const isCurrent = fs.existsSync(target) && fs.statSync(target).mtimeMs > fs.statSync(__filename).mtimeMs
if ((isAsked || !isCurrent) && fs.existsSync(source))
  placeScript().catch((error) => console.error(`the script of /docs could not be made: ${error.message}`))
if (fs.existsSync(path.join(modules, 'typescript-native')) && fs.existsSync(client)) packClient()

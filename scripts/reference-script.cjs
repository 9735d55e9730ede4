// Takes the one script of Scalar out of its package of 24 MB: the agent serves it at /docs/scalar.js. Does nothing in an
// installation without devDependencies.
const fs = require('node:fs')
const path = require('node:path')
const { pathToFileURL } = require('node:url')
const { gzipSync } = require('node:zlib')

const modules = path.join(__dirname, '..', 'node_modules')
const source = path.join(modules, '@scalar', 'fastify-api-reference', 'dist', 'index.js')
const target = path.join(modules, '.cache', 'fiskal-edge', 'docs', 'scalar.js.gz')

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
  const script = gzipSync(await readScript(), { level: 9 })
  fs.mkdirSync(path.dirname(target), { recursive: true })
  fs.writeFileSync(`${target}.new`, script)
  fs.renameSync(`${target}.new`, target)
}

// Without it the agent serves the plain reference: no reason to fail an installation under an older Node. The bootstrap
// makes only what is missing: node_modules may come from elsewhere, without what npm ci made in it.
const isWanted = require.main === module || !fs.existsSync(target)
if (isWanted && fs.existsSync(source))
  placeScript().catch((error) => console.error(`the script of /docs could not be made: ${error.message}`))

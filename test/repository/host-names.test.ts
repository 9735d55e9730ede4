import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { FOLDERS } from '../../scripts/package/contents.ts'

const root = resolve(import.meta.dirname, '..', '..')

/** Values of Node by which a program connects to a host: each looks its name up by getaddrinfo unless told how. */
const CONNECTING = /^(connect|createConnection|request|get|Socket|Agent)$/
const IMPORT =
  /^import (?!type )(?:\{([^}]*)\}|[\w* ]+) from '(?:node:)?(net|tls|http|https|http2|dgram|dns)(?:\/promises)?'/gm

/** Files that connect and name no lookup, and why they need none. */
const WITHOUT: Readonly<Record<string, string>> = {
  'agent/cli/conformance/losing-proxy.ts': 'its server is on 127.0.0.1',
  'agent/cli/daemon/admin-client.ts': 'its address is a file',
  'sync/targets/http-exchange.ts': 'its caller hands it an agent that has one (sync/targets/https.ts)',
}
/** Files that call the global fetch, which takes no lookup, and why they may. */
const FETCHING: Readonly<Record<string, string>> = {
  'agent/cli/conformance/stage.ts': 'it calls its own agent, on loopback',
  'agent/cli/demo/display-picture.ts': 'it calls the agent of its own process, on loopback',
  'agent/cli/demo/player.ts': 'it calls the agent of its own process, on loopback',
  'agent/cli/demo/pos.ts': 'it calls the agent of its own process, on loopback',
}
/** Files that listen: by an address or a file; a name is resolved in base/listening.ts. */
const LISTENING = ['base/listening.ts']

function sources(): string[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `${folder}/${name}`),
  )
}

/** What is wrong with the source of a file. */
function lookups(file: string, text: string): string[] {
  const violations: string[] = []
  for (const [, names, module] of text.matchAll(IMPORT)) {
    const values = names?.split(',').map((name) => name.trim().split(' as ')[0] ?? '') ?? ['connect']
    if (module === 'dns' && file !== 'base/names.ts') violations.push(`${file} imports node:dns`)
    const connects = values.some((name) => CONNECTING.test(name))
    if (connects && !/\blookup\b/.test(text) && WITHOUT[file] === undefined)
      violations.push(`${file} connects by node:${module} without a lookup`)
  }
  if (/(?<![.\w#])fetch\(/.test(text) && FETCHING[file] === undefined) violations.push(`${file} calls fetch`)
  const listens = [...text.matchAll(/\.listen\(([^)]*)\)/g)].map(([, given = '']) => given)
  const named = listens.filter((given) => /\bhost\b/.test(given) && !LISTENING.includes(file))
  return [...violations, ...named.map((given) => `${file} listens on ${given}`)]
}

test('host names are looked up in base/names.ts alone, by every client and listener', () => {
  const files = sources()
  expect(files.length).toBeGreaterThan(500)
  expect(files.flatMap((file) => lookups(file, readFileSync(join(root, file), 'utf8')))).toEqual([])
})

test('each exception is a file that still needs it', () => {
  for (const file of Object.keys(WITHOUT)) expect(readFileSync(join(root, file), 'utf8')).toMatch(/request/)
  for (const file of Object.keys(FETCHING)) expect(readFileSync(join(root, file), 'utf8')).toMatch(/fetch\(/)
})

test.each([
  ["import { lookup } from 'node:dns/promises'\n", 'sync/a.ts imports node:dns'],
  ["import * as net from 'node:net'\n", 'sync/a.ts connects by node:net without a lookup'],
  ["import { request as ask } from 'node:https'\n", 'sync/a.ts connects by node:https without a lookup'],
  [
    "import { isIP } from 'node:net'\nimport { connect } from 'node:tls'\n",
    'sync/a.ts connects by node:tls without a lookup',
  ],
  ["const answer = await fetch('https://a.example')\n", 'sync/a.ts calls fetch'],
  ['createServer().listen(port, host)\n', 'sync/a.ts listens on port, host'],
])('a planted lookup of another kind is found: %j', (text, finding) => {
  expect(lookups('sync/a.ts', text)).toEqual([finding])
})

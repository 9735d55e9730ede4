import { existsSync, globSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { checkConfig, parseConfig } from '../../agent/agent-config.ts'
import { program } from '../../agent/cli/program.ts'
import { readReceiverConfig } from '../../agent/config/receiver.ts'
import { routes } from '../../agent/contract/routes.ts'
import { LAWS } from '../../agent/laws/laws.ts'
import { faultNames } from '../../drivers/tse-simulator/faults.ts'
import { fiskalEdge, ownConfig, ownTill, ROOT, runShippedDaemon } from '../cli/command.ts'
import { shownByFolder } from '../recorded/levels.ts'
import { heavy } from '../tags.ts'
import { BUILD_LIMIT_MS, spawnSync } from '../waits.ts'

const FIRST = ['README.md', 'ARCHITECTURE.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md']
const PAGES = [...FIRST, ...globSync(['*/README.md', 'agent/*/README.md', 'docs/**/*.md'], { cwd: ROOT })]
const readme = read('README.md')
/** Options that the page of commands explains once. */
const EVERYWHERE = new Set(['--config', '--json', '--help'])

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8')
}

/** The content of a table: one array of cells for each row that begins with `first`. */
function rows(text: string, first: RegExp): string[][] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split('|').slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim()))
    .filter((cells) => first.test(cells[0] ?? ''))
}

/** The lines of a room's page: folder → its description. */
function rooms(folder: string): Map<string, string> {
  const lines = rows(read(`${folder}/README.md`), /^`[a-z0-9-]+\/`/)
  return new Map(
    lines.flatMap(([names, text]) =>
      [...(names ?? '').matchAll(/`([a-z0-9-]+)\/`/g)].map(([, name]) => [name ?? '', text ?? '']),
    ),
  )
}

function families(): [string, string][] {
  return [...rooms('drivers')].filter(([name]) => /^(tse|card|rt)-/.test(name))
}

/** Blocks of code, by the language or the comment above them. */
function block(text: string, mark: string): string {
  const body = new RegExp(`${mark}\\n(?:\`\`\`sh\\n)?([\\s\\S]*?)\\n\`\`\``).exec(text)?.[1]
  if (body === undefined) throw new Error(`no block after ${mark}`)
  return body
}

/** Everything in backticks or code blocks. */
function code(text: string): string[] {
  const blocks = [...text.matchAll(/^```\w*\n([\s\S]*?)^```/gm)].flatMap(([, inner]) => (inner ?? '').split('\n'))
  const spans = [...text.replaceAll(/^```[\s\S]*?^```/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, inner]) => inner ?? '')
  return [...blocks, ...spans]
}

describe('every command that a page names exists', () => {
  const helps = new Map<string, string>()
  let all: Awaited<ReturnType<typeof program>>
  beforeAll(async () => {
    all = await program(undefined)
  })

  /** The output of `fiskal-edge PATH --help`, without a process for each of a hundred. */
  function help(...path: readonly string[]): string {
    const helpText = helps.get(path.join(' '))
    if (helpText !== undefined) return helpText
    let command = all
    for (const word of path) {
      const subcommand = command.commands.find((one) => one.name() === word)
      if (subcommand === undefined) throw new Error(`no command ${path.join(' ')}`)
      command = subcommand
    }
    let out = ''
    const writeOut = (text: string): void => {
      out += text
    }
    command.configureOutput({ writeOut }).outputHelp()
    helps.set(path.join(' '), out)
    return out
  }

  function subcommands(text: string): string[] {
    const listing = text.split('\nCommands:\n')[1] ?? ''
    return [...listing.matchAll(/^ {2}([a-z][a-z0-9-_]*)/gm)].map(([, name]) => name ?? '')
  }

  test('as the program itself reports it', heavy(), async () => {
    for (const path of [[], ['export'], ['export', 'journal']])
      expect((await fiskalEdge(...path, '--help')).out).toBe(help(...path))
  })

  /** `key create platform --json | field key)` → its path of subcommands; the rest is arguments. */
  function check(words: readonly string[], options: readonly string[]): void {
    const path: string[] = []
    for (const word of words) {
      const below = subcommands(help(...path))
      if (below.length === 0) break
      expect(below, `fiskal-edge ${words.join(' ')}`).toContain(word)
      path.push(word)
    }
    for (const option of options) expect(help(...path), path.join(' ')).toContain(option)
  }

  const called = PAGES.flatMap((page) => code(read(page)))
    .flatMap((line) => [...line.matchAll(/fiskal-edge ((?:[a-z][a-z0-9_-]*\b ?)+)([^|)#]*)/g)])
    .map(([, words, rest]) => ({
      words: (words ?? '').trim().split(' '),
      options: [...(rest ?? '').matchAll(/--[a-z-]+/g)].map(String),
    }))
  // In the table of commands the later ones of a cell omit the program's name.
  const listed = rows(read('docs/commands.md'), /^`fiskal-edge/)
    .flatMap(([commands]) => [
      ...(commands ?? '').replaceAll('`fiskal-edge ', '`').matchAll(/`([a-z][a-z-]* [a-z0-9_-]+(?: [a-z]+)?)/g),
    ])
    .map(([, words]) => ({ words: (words ?? '').split(' '), options: [] }))

  test('of fiskal-edge, with its options', () => {
    expect(called.length).toBeGreaterThan(15)
    expect(listed.length).toBeGreaterThan(10)
    for (const { words, options } of [...called, ...listed]) check(words, options)
  })

  test('each command of fiskal-edge has a row on the page of commands, and its options there or in its section', () => {
    const page = read('docs/commands.md')
    const table = rows(page, /^`fiskal-edge/)
    // A section may be about several commands: all of `duty`, or `device adopt` and `device abort-foreign`.
    const sections = page.split(/^### /m).map((text) => ({
      spans: code(text).map((span) => `\`${span}\``),
      names: code(text.slice(0, text.indexOf('\n'))).map((span) => `${span.replace('fiskal-edge ', '')} `),
    }))
    const sectionsAbout = (path: string): string[] =>
      sections
        .filter(({ names }) => names.some((name) => path.startsWith(name) || name.startsWith(path)))
        .flatMap(({ spans }) => spans)
    const leaves = (...path: string[]): string[][] => {
      const below = subcommands(help(...path)).filter((name) => name !== 'help')
      return below.length === 0 ? [path] : below.flatMap((name) => leaves(...path, name))
    }
    const lacking = leaves().flatMap((path) => {
      const name = new RegExp(`\`(fiskal-edge )?${path.join(' ')}\\b`)
      const told = table.filter(([commands]) => name.test(commands ?? '')).flat()
      if (told.length === 0) return [path.join(' ')]
      const texts = [...told, ...sectionsAbout(`${path.join(' ')} `)]
      const options = [...help(...path).matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, option]) => option ?? '')
      const isTold = (option: string) => texts.some((text) => new RegExp(`\`[^\`]*${option}(?![a-z-])`).test(text))
      return options.filter((one) => !EVERYWHERE.has(one) && !isTold(one)).map((one) => `${path.join(' ')} ${one}`)
    })
    expect(lacking).toEqual([])
  })

  test('by the Node of the project: that of the machine may not support TypeScript', () => {
    const scripts = PAGES.flatMap((page) => code(read(page))).filter((line) => /\bnode (scripts|test)\//.test(line))
    expect(scripts.length).toBeGreaterThan(5)
    expect(scripts.filter((line) => !line.includes('node_modules/.bin/node '))).toEqual([])
  })

  test('of npm and vitest', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    const lines = PAGES.flatMap((page) => code(read(page)))
    const named = lines
      .flatMap((line) => [...line.matchAll(/\bnpm (?:run )?([a-z]+(?::[a-z]+)?)/g)])
      .map(([, name]) => name ?? '')
    expect(new Set(named)).toEqual(
      new Set(['bench', 'demo', 'lint', 'package', 'release', 'start', 'test', 'test:long', 'test:unit', 'typecheck']),
    )
    for (const name of named) expect(Object.keys(scripts)).toContain(name)
    const suites = lines.flatMap((line) => [...line.matchAll(/vitest run (\S+)/g)]).map(([, path]) => path ?? '')
    const files = (suite: string) =>
      globSync([suite, `${suite}/**`], { cwd: ROOT }).filter((file) => file.endsWith('.test.ts'))
    for (const suite of suites) expect(files(suite), suite).not.toEqual([])
  })
})

describe('the table of devices is honest', () => {
  /** The names that the configuration takes, as its own message lists them. */
  function configured(): string[] {
    try {
      checkConfig('agent.json', { version: 1, state: 'state', listen: {}, devices: [{ id: 'tse-1' }] }, '/')
    } catch (error) {
      return /one of (.*) is required/.exec(String(error))?.[1]?.split(', ') ?? []
    }
    return []
  }
  const table = new Map(
    rows(readme, new RegExp(`^\\w+, (${LAWS.map(({ name }) => name).join('|')})$`)).map((cells) => [
      cells[2] ?? '',
      cells.slice(3),
    ]),
  )

  test('it names every driver of the configuration, and no other', () => {
    expect([...table.keys()].sort()).toEqual(
      configured()
        .map((driver) => `\`${driver}\``)
        .sort(),
    )
  })

  test('it names for each driver what the recordings show, and by what', async () => {
    const shown = await shownByFolder()
    for (const [driver, [status = '', by]] of table) {
      const { status: expected, shownBy } = shown.get(driver.replaceAll('`', '')) ?? {
        status: 'simulated',
        shownBy: '',
      }
      expect(status.replace(/, \*\*NOT CERTIFIED\*\*$/, ''), driver).toBe(expected)
      expect(by, driver).toContain(shownBy)
      expect(by, driver).toMatch(/\S/)
    }
  })

  test('the page of the drivers has a line for each family of the configuration', () => {
    const known = configured().filter((driver) => driver !== 'rt-simulator')
    expect(
      families()
        .map(([family]) => family)
        .sort(),
    ).toEqual(known.sort())
  })

  test('NOT CERTIFIED is shown if the driver itself reports it, and on the first page', () => {
    const drivers = [...table].map(([name, cells]): [string, string] => [name, cells.join(' ')])
    expect(drivers.length).toBeGreaterThan(0)
    for (const [name, text] of [...families(), ...drivers]) {
      const family = name.replaceAll('`', '')
      const sources = globSync(`drivers/${family}/driver.ts`, { cwd: ROOT }).map(read)
      const says = sources.some((source) => source.includes('NOT CERTIFIED'))
      expect(text.includes('**NOT CERTIFIED**'), family).toBe(says)
    }
    expect(readme.slice(0, readme.indexOf('## Start'))).toContain('NOT CERTIFIED')
  })
})

describe('every thing that a page refers to exists', () => {
  test.each(PAGES)('the links of %s', (page) => {
    for (const [, target] of read(page).matchAll(/\]\(([^)]+)\)/g)) {
      const [file = '', anchor] = (target ?? '').split('#')
      const path = file === '' ? join(ROOT, page) : join(ROOT, dirname(page), file)
      expect(existsSync(path), `${page}: ${target}`).toBe(true)
      if (anchor !== undefined) expect(anchors(readFileSync(path, 'utf8')), `${page}: ${target}`).toContain(anchor)
    }
  })

  test.each(['agent', 'drivers'])('every room of %s has its line', (folder) => {
    const existing = new Set(globSync(`${folder}/*/**/*.ts`, { cwd: ROOT }).map((file) => file.split('/')[1] ?? ''))
    const listed = rooms(folder)
    expect([...existing].filter((room) => !listed.has(room))).toEqual([])
    const announced = [...listed].filter(
      ([room, text]) => !existing.has(room) && !text.includes('Not in the catalog yet'),
    )
    expect(announced).toEqual([])
  })

  test('the routes', () => {
    const receiver = globSync('receiver/routes/*.ts', { cwd: ROOT })
      .flatMap((file) => [...read(file).matchAll(/router\.\w+\('([^']+)'/g)])
      .map(([, path]) => (path ?? '').replaceAll(/:(\w+)/g, '{$1}'))
    expect(receiver).toContain('/v1/chains/{chainId}/journal')
    const paths = [...Object.values(routes).map(({ path }) => path), ...receiver]
    const templates = paths.map((path) => new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`))
    const named = PAGES.flatMap((page) => [
      ...read(page).matchAll(
        /(?<=[\s"`1]|URL|7070)(\/v1\/[\w/${}-]+|\/(?:healthz|readyz|docs|openapi-json))(?![\w-])/g,
      ),
    ])
    expect(named.length).toBeGreaterThan(10)
    for (const [, path] of named)
      expect(
        templates.some((template) => template.test(path ?? '')),
        path,
      ).toBe(true)
  })

  test('the names of the faults', () => {
    const listed = /^- NAME, of a TSE: ([^;]*);/m.exec(read('drivers/README.md'))?.[1] ?? ''
    expect([...listed.matchAll(/`([a-z-]+)`/g)].map(([, name]) => name)).toEqual(faultNames)
  })

  function anchors(text: string): string[] {
    return [...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
      (title ?? '')
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
        .replaceAll(' ', '-'),
    )
  }
})

test('the configurations that the pages show pass their own checks', () => {
  expect(parseConfig('/etc/agent.json', block(read('docs/configuration.md'), '```jsonc')).devices).toHaveLength(2)
  const receiver = join(dirname(ownConfig()), 'receiver.json')
  writeFileSync(receiver, block(read('docs/receiver.md'), '```json'))
  expect(readReceiverConfig(receiver)).toMatchObject({ store: { kind: 'postgres' }, streams: [{ stream: 'FISKAL' }] })
})

test('no page calls this program by npx without --no-install: the public registry has no program of ours', () => {
  for (const page of PAGES) expect(read(page), page).not.toMatch(/npx fiskal-edge/)
  const { private: isPrivate } = JSON.parse(read('package.json')) as { private: boolean }
  expect(isPrivate).toBe(true)
})

test('the first README has at most 200 lines, and no cell of a table has more than fifteen words', () => {
  expect(readme.split('\n').length).toBeLessThanOrEqual(200)
  const cells = rows(readme, /./).flat()
  expect(cells.length).toBeGreaterThan(100)
  expect(cells.filter((cell) => cell.split(/\s+/).length > 15)).toEqual([])
})

test('the first sale of the documents ends in a receipt with a signature', heavy(), async () => {
  const config = ownTill()
  const folder = dirname(config)
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  const daemon = await runShippedDaemon(config)
  try {
    const script = ['set-up', 'sale']
      .map((part) => block(read('docs/first-sale.md'), `<!-- walk-through: ${part} -->`))
      .join('\n')
      .replace('URL=http://localhost:7070', `URL=${daemon.url}`)
      .replaceAll('npx --no-install fiskal-edge', join('node_modules', '.bin', 'fiskal-edge'))
    expect(script).toContain(daemon.url)
    const ran = spawnSync('bash', ['-eu'], { cwd: folder, input: script, encoding: 'utf8', timeout: BUILD_LIMIT_MS })
    expect({ code: ran.status, err: ran.stderr }).toEqual({ code: 0, err: '' })
    expect(ran.stdout).toContain('"process_data":"Beleg^0.00_4.50_0.00_0.00_0.00^4.50:Bar"')
    expect(ran.stdout).toMatch(/TSE-Signatur:\n[A-Za-z0-9+/]{42}\n/)
    expect(relative(folder, config)).toBe('agent.json')
  } finally {
    daemon.child.kill('SIGTERM')
    await daemon.ended
  }
})

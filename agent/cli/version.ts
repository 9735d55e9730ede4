import { Command } from 'commander'
import { maintainerFacts, NOT_NAMED } from '../../base/maintainer.ts'
import { OLDEST_SAFE_VERSION, packageVersion } from '../../base/version.ts'
import { journalSqlite } from '../journal/database.ts'
import { jsonOption } from './arguments/options.ts'
import { print, printJson } from './terminal/output.ts'

export function versionCommand(): Command {
  return new Command('version')
    .description('this version, the oldest one that may follow it, its libraries, and who maintains it')
    .addOption(jsonOption())
    .action(({ json }: { json?: true }) => {
      const facts = versionFacts()
      if (json) return printJson(facts)
      print(`fiskal-edge ${facts.version}`)
      print(`A journal that it has written can be opened by ${facts.oldest_safe_version} or newer.`)
      print(`Node ${facts.node}, OpenSSL ${facts.openssl}, SQLite ${facts.sqlite}, ${facts.cpu}`)
      print()
      const rows: readonly [string, string | null][] = [
        ['Maintainer', facts.maintainer],
        ['Source', facts.repository],
        ['Bugs', facts.bugs],
        ['Vulnerabilities', facts.vulnerabilities],
        ['Supported until', facts.supported_until],
      ]
      for (const [name, fact] of rows) print(`${name.padEnd(16)} ${fact ?? NOT_NAMED}`)
    })
}

function versionFacts() {
  return {
    version: packageVersion(),
    oldest_safe_version: OLDEST_SAFE_VERSION,
    node: process.versions.node,
    openssl: process.versions.openssl ?? '',
    sqlite: journalSqlite(),
    cpu: process.arch,
    ...maintainerFacts(),
  }
}

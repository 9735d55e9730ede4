import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execFileSync } from '../../waits.ts'

/** A certificate and its key, PEM. */
export type Issued = {
  readonly certFile: string
  readonly keyFile: string
  readonly cert: string
  readonly key: string
}

/** `openssl req` makes none that has expired. */
const CONFIG = `
[ca]
default_ca = own
[own]
new_certs_dir = .
database = index
serial = serial
default_md = sha256
policy = any
unique_subject = no
copy_extensions = copy
[any]
commonName = supplied
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical,CA:TRUE
`
const FROM = '200101000000Z'
const UNTIL = '491231235959Z'

/** A certificate authority of a test's own, in a temporary directory. */
export class Authority {
  readonly caFile: string
  readonly #directory = mkdtempSync(join(tmpdir(), 'authority-'))
  #count = 0

  constructor() {
    writeFileSync(join(this.#directory, 'ca.cnf'), CONFIG)
    writeFileSync(join(this.#directory, 'index'), '')
    writeFileSync(join(this.#directory, 'serial'), '01\n')
    this.caFile = join(this.#directory, 'ca.pem')
    this.#request('ca', '/CN=authority', [])
    const files = ['-keyfile', 'ca.key', '-in', 'ca.csr', '-out', 'ca.pem', '-extensions', 'authority']
    this.#openssl('ca', '-selfsign', ...this.#batch(FROM, UNTIL), ...files)
  }

  get ca(): string {
    return readFileSync(this.caFile, 'utf8')
  }

  /** For a subject alternative name such as `IP:127.0.0.1`; times as yymmddhhmmssZ. */
  issue(name: string, from: string = FROM, until: string = UNTIL): Issued {
    const id = `issued-${++this.#count}`
    this.#request(id, `/CN=${id}`, ['-addext', `subjectAltName=${name}`])
    const files = ['-cert', 'ca.pem', '-keyfile', 'ca.key', '-in', `${id}.csr`, '-out', `${id}.pem`]
    this.#openssl('ca', ...this.#batch(from, until), ...files)
    const [certFile, keyFile] = [join(this.#directory, `${id}.pem`), join(this.#directory, `${id}.key`)]
    return { certFile, keyFile, cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') }
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true, force: true })
  }

  #request(id: string, subject: string, more: string[]): void {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${id}.key`]
    this.#openssl('req', '-new', '-config', 'ca.cnf', ...key, '-subj', subject, '-out', `${id}.csr`, ...more)
  }

  #batch(from: string, until: string): string[] {
    return ['-batch', '-notext', '-config', 'ca.cnf', '-startdate', from, '-enddate', until]
  }

  #openssl(...words: string[]): void {
    execFileSync('openssl', words, { stdio: 'pipe', cwd: this.#directory })
  }
}

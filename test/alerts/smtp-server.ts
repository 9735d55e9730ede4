import type { AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:net'
import { createSecureContext, TLSSocket } from 'node:tls'

export type Mail = {
  readonly from: string
  readonly to: readonly string[]
  readonly data: string
  readonly isEncrypted: boolean
  readonly login: string | undefined
}

type Tls = { readonly cert: string; readonly key: string }
/** At which step the server does what instead of its answer. */
export type Fault =
  | { readonly at: 'greeting' | 'login' | 'recipient' | 'end'; readonly answer: string }
  | { readonly at: 'greeting' | 'recipient' | 'end' | 'quit'; readonly does: 'hang' | 'close' | 'late' }

/** Longer than a server may take for its greeting. */
const LATE_MS = 12_000

type Settings = {
  readonly tls?: Tls
  /** From the first byte, not by STARTTLS. */
  readonly isSecure?: boolean
  /** Does not offer STARTTLS. */
  readonly isPlain?: boolean
  readonly login?: { readonly user: string; readonly password: string }
  /** Repeats a login in its refusal, as it was sent. */
  readonly repeatsLogin?: boolean
}

/** A mail server (RFC 5321, 3207, 4954) that speaks bytes and fails as it is told to. */
export class SmtpServer implements AsyncDisposable {
  readonly mails: Mail[] = []
  readonly commands: string[] = []
  readonly port: number
  fault: Fault | undefined
  login: Settings['login']
  /** The replies to a recipient, one after the other; 250 after the last one. */
  readonly replies = new Map<string, string[]>()
  /** The reply to each recipient of a client that introduced itself by that name. */
  refuses: (helo: string) => string | undefined = () => undefined
  /** The names by which clients introduced themselves. */
  readonly helos: string[] = []
  #onMail: () => void = () => undefined
  readonly #close: () => Promise<void>

  private constructor(port: number, login: Settings['login'], close: () => Promise<void>) {
    this.port = port
    this.login = login
    this.#close = close
  }

  static async open(settings: Settings = {}): Promise<SmtpServer> {
    const sockets = new Set<Socket>()
    let smtp: SmtpServer | undefined
    const server = createServer((socket) => {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
      socket.on('error', () => undefined)
      if (smtp === undefined) return
      const dialogue = new Dialogue(smtp, settings)
      dialogue.begin(settings.isSecure === true ? upgraded(socket, settings.tls) : socket, settings.isSecure === true)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    smtp = new SmtpServer((server.address() as AddressInfo).port, settings.login, async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    })
    return smtp
  }

  /** Keeps a mail that it has taken. */
  take(mail: Mail): void {
    this.mails.push(mail)
    this.#onMail()
  }

  /** Resolves when it has taken so many mails. */
  async untilMails(count: number): Promise<void> {
    while (this.mails.length < count)
      await new Promise<void>((resolve) => {
        this.#onMail = resolve
      })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close()
  }
}

function upgraded(socket: Socket, tls: Tls | undefined): Socket {
  if (tls === undefined) throw new Error('no certificate')
  const secure = new TLSSocket(socket, { isServer: true, secureContext: createSecureContext(tls) })
  secure.on('error', () => undefined)
  return secure
}

/** One connection. */
class Dialogue {
  readonly #server: SmtpServer
  readonly #settings: Settings
  #socket: Socket | undefined
  #text = ''
  #isEncrypted = false
  #from = ''
  #to: string[] = []
  #login: string | undefined
  /** Lines of a mail or of a login, until they are complete. */
  #next: ((line: string) => unknown) | undefined
  #data: string[] | undefined

  constructor(server: SmtpServer, settings: Settings) {
    this.#server = server
    this.#settings = settings
  }

  begin(socket: Socket, isEncrypted: boolean): void {
    this.#listen(socket, isEncrypted)
    this.#reply('greeting', '220 mail.example ESMTP')
  }

  #listen(socket: Socket, isEncrypted: boolean): Socket {
    this.#socket = socket
    this.#isEncrypted = isEncrypted
    return socket.on('data', (bytes: Buffer) => {
      if (this.#socket !== socket) return
      this.#text += bytes.toString('latin1')
      for (let end = this.#text.indexOf('\r\n'); end !== -1; end = this.#text.indexOf('\r\n')) {
        const line = this.#text.slice(0, end)
        this.#text = this.#text.slice(end + 2)
        this.#line(line)
      }
    })
  }

  #line(line: string): unknown {
    if (this.#data !== undefined) return this.#dataLine(line, this.#data)
    const next = this.#next
    this.#next = undefined
    if (next !== undefined) return next(line)
    this.#server.commands.push(line)
    const [verb = ''] = line.toUpperCase().split(/[ :]/)
    return this.#command(verb, line)
  }

  #command(verb: string, line: string): unknown {
    switch (verb) {
      case 'EHLO':
        this.#server.helos.push(line.slice('EHLO '.length))
        return this.#write(
          ['250-mail.example', ...this.#extensions().map((one) => `250-${one}`), '250 8BITMIME'].join('\r\n'),
        )
      case 'STARTTLS':
        return this.#upgrade()
      case 'AUTH':
        return this.#authenticate(line)
      case 'MAIL':
        this.#from = addressIn(line)
        return this.#write('250 ok')
      case 'RCPT':
        return this.#recipient(addressIn(line))
      case 'DATA':
        this.#data = []
        return this.#write('354 go on')
      case 'QUIT':
        this.#reply('quit', '221 bye')
        return this.#server.fault?.at === 'quit' || this.#socket?.end()
      default:
        return this.#write('250 ok')
    }
  }

  #recipient(address: string): unknown {
    const { replies, refuses, helos } = this.#server
    const reply = refuses(helos.at(-1) ?? '') ?? replies.get(address)?.shift() ?? '250 ok'
    if (reply.startsWith('2')) this.#to.push(address)
    return this.#reply('recipient', reply)
  }

  #extensions(): string[] {
    const { isPlain, isSecure } = this.#settings
    const starttls = isPlain !== true && isSecure !== true && !this.#isEncrypted ? ['STARTTLS'] : []
    return [...starttls, ...(this.#server.login === undefined ? [] : ['AUTH PLAIN LOGIN'])]
  }

  #upgrade(): unknown {
    const plain = this.#socket
    if (plain === undefined || this.#settings.isPlain === true) return this.#write('502 5.5.1 not implemented')
    this.#write('220 go ahead')
    plain.removeAllListeners('data')
    this.#text = ''
    return this.#listen(upgraded(plain, this.#settings.tls), true)
  }

  #authenticate(line: string): unknown {
    const check = (encoded: string): unknown => {
      const [, user = '', password = ''] = Buffer.from(encoded, 'base64').toString().split('\0')
      const { login } = this.#server
      const repeated = this.#settings.repeatsLogin === true ? `: ${encoded}` : ''
      if (user !== login?.user || password !== login.password)
        return this.#write(`535 5.7.8 Authentication failed${repeated}`)
      this.#login = user
      return this.#reply('login', '235 welcome')
    }
    const [, , initial] = line.split(' ')
    if (initial !== undefined) return check(initial)
    this.#next = check
    return this.#write('334 ')
  }

  #dataLine(line: string, data: string[]): unknown {
    if (line !== '.') return data.push(line.startsWith('..') ? line.slice(1) : line)
    this.#data = undefined
    const mail = {
      from: this.#from,
      to: this.#to,
      data: data.join('\n'),
      isEncrypted: this.#isEncrypted,
      login: this.#login,
    }
    const { fault } = this.#server
    if (fault?.at !== 'end' || 'does' in fault) this.#server.take(mail)
    this.#to = []
    return this.#reply('end', '250 queued')
  }

  #reply(at: Fault['at'], answer: string): unknown {
    const { fault } = this.#server
    if (fault?.at !== at) return this.#write(answer)
    if ('answer' in fault) return this.#write(fault.answer)
    if (fault.does === 'late') return setTimeout(() => this.#write(answer), LATE_MS)
    return fault.does === 'close' && this.#socket?.destroy()
  }

  #write(text: string): unknown {
    return this.#socket?.write(`${text}\r\n`)
  }
}

function addressIn(line: string): string {
  return /<([^>]*)>/.exec(line)?.[1] ?? ''
}

/** A header of a mail, unfolded. */
export function headerOf(data: string, name: string): string | undefined {
  return new RegExp(`^${name}: (.*(?:\\n[ \\t].*)*)`, 'im').exec(data)?.[1]?.replaceAll(/\n\s+/g, ' ')
}

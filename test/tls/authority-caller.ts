import { ShopAuthority } from '../../agent/tls/shop-authority.ts'

/** A technician's command beside the agent: says that it begins, then the fingerprint of the authority. */
const [, , stateDirectory = ''] = process.argv
process.stdout.write('begins\n')
process.stdout.write(new ShopAuthority(stateDirectory, Date.now).fingerprint())

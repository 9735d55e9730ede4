export const UNIT = { kind: 'unit', serial: '2a91f3c4' } as const
export const REGISTER = { kind: 'register', cashBoxId: 'GW-AT-001' } as const
export const AES_KEY = '1mutvxmLfSrTriNcuI2GQxYpR7ZFdse+N6AEJXAtP8k='
/** The Startbeleg of that register, of the receipts in the specification of our law. */
export const START_CODE =
  '_R1-AT1_GW-AT-001_1_2026-01-02T08:00:00_0,00_0,00_0,00_0,00_0,00_Tq8fSxHvGeI=_2a91f3c4_GmTOv7eCwAY=_zGXm3i/LOOR16bBXml2qcKBnGD6kOfdRiIf6czEoROqyGGPi04SUvNfEkxhgkMA4XgAv5v5kFKjDhmAGvbggjg=='

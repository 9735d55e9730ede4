/** The signature unit of a demo. */
export const CARD = 'card-1'
export const CARD_DEVICE = { id: CARD, driver: 'card-simulator' }

/** A channel of the service, how people come by it, and what they do there. */
export interface Channel {
  readonly name: string
  readonly platforms: readonly string[]
  readonly types: readonly string[]
  /** Whether people say something there. */
  readonly hasText: boolean
}

const web: Channel = {
  name: 'web',
  platforms: ['chromium', 'firefox', 'webkit', 'samsung'],
  types: ['page_opened', 'link_followed', 'form_sent', 'list_filtered', 'video_played'],
  hasText: false,
}
const app: Channel = {
  name: 'app',
  platforms: ['android', 'ios'],
  types: ['screen_opened', 'button_tapped', 'card_swiped', 'push_opened'],
  hasText: false,
}
const desk: Channel = {
  name: 'desk',
  platforms: ['till', 'counter-pad'],
  types: ['ticket_opened', 'note_saved', 'call_handed_over'],
  hasText: false,
}
const chat: Channel = {
  name: 'chat',
  platforms: ['widget', 'whatsapp', 'teams'],
  types: ['message_sent', 'answer_received', 'intent_found'],
  hasText: true,
}
const phone: Channel = {
  name: 'phone',
  platforms: ['ivr', 'assistant'],
  types: ['call_begun', 'phrase_heard', 'intent_found'],
  hasText: true,
}

/** As often as they come. */
export const channels: readonly Channel[] = [web, web, web, app, app, chat, phone, desk]

export const categories = ['browsing', 'ordering', 'paying', 'support', 'account'] as const
export const targets = [
  'button.order-now',
  'a#offers',
  'li.result[data-rank]',
  'select[name=size]',
  'nav.top',
  'div.map',
  null,
] as const
export const versions = ['7.2.0', '7.2.1', '7.3.0-rc.1', '7.3.0', '8.0.2'] as const
export const countries = ['AT', 'CH', 'ES', 'JP', 'SE', 'ZA'] as const
export const widths = [360, 412, 1366, 1536, 2560] as const
export const heights = [640, 800, 915, 1080, 1440] as const
export const sections = ['catalogue', 'offers', 'profile', 'stores', 'advice'] as const
export const subjects = ['lamp', 'table', 'kettle', 'jacket', 'bicycle'] as const
export const titles = ['Catalogue entry', 'Offer of the week', 'Ma\u00dfgef\u00fchrt', 'Store page', 'Advice'] as const
export const views = ['summary', 'pictures', 'opinions', 'sizes'] as const
export const systems = ['Windows NT 10.0; Win64; x64', 'Macintosh', 'X11; Linux x86_64', 'Linux; Android 15'] as const
export const words =
  'hello could somebody tell me when my parcel will be here because the page says delivered but nobody rang and I need it before friday thank you'.split(
    ' ',
  )

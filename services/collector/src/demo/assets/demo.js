// The demo page of the collector: each interaction is one event of the event table (docs/events.md).
const shownMax = 50
const token = new URLSearchParams(location.hash.slice(1)).get('token')
const session = newId()
const device = remembered('silt-demo-device')
const started = performance.now()
let sent = 0

record('page_view', { event_category: 'navigation', resource_id: location.pathname, resource_title: document.title })

document.querySelector('#articles').addEventListener('click', (click) => {
  const article = click.target.closest('article')
  if (article === null) return
  const button = click.target.closest('button')
  const isBuy = button?.classList.contains('buy') ?? false
  record(button?.dataset.type ?? 'article_open', {
    event_category: button?.dataset.category ?? 'navigation',
    resource_id: article.dataset.id,
    resource_title: article.dataset.title,
    interaction_target: button?.dataset.target ?? 'article',
    interaction_value: isBuy ? Number(article.dataset.price) : null,
    metadata: { x: click.clientX, y: click.clientY, viewport: `${innerWidth}x${innerHeight}` },
  })
})

document.querySelector('#search').addEventListener('submit', (submit) => {
  submit.preventDefault()
  const text = document.querySelector('#query').value.trim()
  if (text !== '')
    record('search', { event_category: 'engagement', interaction_target: 'input#query', interaction_text: text })
})

// A page that goes away can no longer wait for an answer: a beacon is sent by the browser itself. It carries no token.
addEventListener('pagehide', () => {
  const event = eventOf('page_leave', {
    event_category: 'navigation',
    resource_id: location.pathname,
    interaction_value: Math.round(performance.now() - started) / 1000,
  })
  if (token === null) navigator.sendBeacon('/events', new Blob([JSON.stringify(event)], { type: 'application/json' }))
  else void send(event)
})

async function record(type, fields) {
  const event = eventOf(type, fields)
  const line = show(event)
  try {
    const answer = await send(event)
    const told = await answer.json()
    tell(line, answer.ok ? 'durable' : 'failed', answer.ok ? 'durable' : told.error)
  } catch {
    tell(line, 'failed', 'the collector cannot be reached')
  }
}

function send(event) {
  const headers = {
    'content-type': 'application/json',
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
  }
  return fetch('/events', { method: 'POST', headers, body: JSON.stringify(event), keepalive: true })
}

function eventOf(type, fields) {
  return {
    timestamp: new Date().toISOString(),
    channel: 'web',
    platform: /Firefox|Edg|Chrome|Safari/.exec(navigator.userAgent)?.[0].toLowerCase() ?? 'other',
    event_type: type,
    event_category: null,
    resource_id: null,
    resource_title: null,
    interaction_target: null,
    interaction_value: null,
    interaction_text: null,
    session_id: session,
    user_id: null,
    device_id: device,
    user_agent: navigator.userAgent,
    client_version: 'demo-1',
    metadata: { language: navigator.language },
    ...fields,
  }
}

function show(event) {
  sent += 1
  document.querySelector('#count').textContent = String(sent)
  const line = document.createElement('li')
  const head = document.createElement('div')
  const name = document.createElement('strong')
  const state = document.createElement('em')
  const detail = document.createElement('code')
  name.textContent = [event.event_type, event.resource_title].filter(Boolean).join(' · ')
  state.textContent = 'sent'
  detail.textContent = JSON.stringify(event)
  head.append(name, state)
  line.append(head, detail)
  line.dataset.state = 'sent'
  const list = document.querySelector('#sent')
  list.prepend(line)
  while (list.children.length > shownMax) list.lastElementChild.remove()
  return line
}

function tell(line, state, text) {
  line.dataset.state = state
  line.querySelector('em').textContent = text
}

function remembered(name) {
  try {
    const known = localStorage.getItem(name) ?? newId()
    localStorage.setItem(name, known)
    return known
  } catch {
    return newId()
  }
}

function newId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

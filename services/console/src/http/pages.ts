/** The console's own pages. Everything comes from this server; text is escaped where it is put in. */
function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Silt</title>
<style>${style}</style>
</head>
<body><main>${content}</main></body>
</html>
`
}

export function loginPage(options: { readonly next: string; readonly refused: boolean }): string {
  const refused = options.refused ? '<p class="refused" role="alert">That is not a token of this console.</p>' : ''
  return page(
    'Log in',
    `<h1>Silt <span>queues</span></h1>
${refused}
<form method="post" action="/login">
<input type="hidden" name="next" value="${escapeHtml(options.next)}">
<label>Token<input name="token" type="password" required autofocus autocomplete="current-password"></label>
<label>Your name, for the log of actions<input name="name" maxlength="64" autocomplete="username"></label>
<button>Log in</button>
</form>
<p>CONSOLE_TOKEN looks; CONSOLE_ADMIN_TOKEN also retries, removes and pauses.</p>`,
  )
}

export function aboutPage(): string {
  return page(
    'What this shows',
    `<h1>What this shows</h1>
<p><b>Write jobs</b> are offset ranges. A writer takes one, fetches those records from the source and puts them into files.</p>
<p><b>Commit jobs</b> say which files hold which ranges. The active committer puts them into the next version of the table.</p>
<p><b>Finished jobs are removed at once</b>, so Completed and Failed stay empty: that is as it should be. A job that failed waits under Delayed and runs again.</p>
<p><b>Jobs carry control, never events.</b> Removing one, or losing them all, loses no event: the ingestor plans from the table's own progress within seconds.
A paused queue stops its table from growing, and nothing else.</p>
<p>Several versions of a queue are there while processes of two releases run side by side.</p>
<p><a href="/queues">Back to the queues</a></p>`,
  )
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
}

const style = `
:root{color-scheme:light dark}
body{margin:0;font:16px/1.5 system-ui,sans-serif;color:light-dark(#22303a,#e6edf0);background:light-dark(#f4f1ea,#14191d)}
main{max-width:28rem;margin:12vh auto;padding:2rem;border-radius:1rem;background:light-dark(#fffdf8,#1d252b);border:1px solid light-dark(#e0d9cb,#2d3840)}
h1{margin-top:0;font-size:1.4rem}h1 span{font-weight:400;opacity:.65}
label{display:block;margin-bottom:1rem;font-size:.9rem}
input{display:block;width:100%;box-sizing:border-box;margin-top:.25rem;padding:.5rem .75rem;font:inherit;color:inherit;border:1px solid light-dark(#cfc6b4,#3a4750);border-radius:.6rem;background:transparent}
button{padding:.5rem 1.2rem;font:inherit;border:0;border-radius:.6rem;background:light-dark(#1d6f72,#4fb6b4);color:light-dark(#fff,#10181c);cursor:pointer}
p{font-size:.9rem}a{color:light-dark(#1d6f72,#4fb6b4)}.refused{color:light-dark(#b3402e,#ef8a78)}`

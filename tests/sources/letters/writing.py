"""Letters to read in tests."""

from __future__ import annotations

from email.message import EmailMessage

NEWS = "https://news.example"


def letter(text: str = "", html: str = "", subject: str = "Today", **headers: str) -> EmailMessage:
    """A letter with a text, with HTML, or with both."""
    made = EmailMessage()
    made["From"] = "Morning Post <post@post.example>"
    made["Subject"] = subject
    made["Date"] = "Fri, 27 Nov 2026 06:00:00 +0100"
    made["Message-ID"] = f"<{abs(hash((text, html, subject)))}@post.example>"
    for name, value in headers.items():
        if name.replace("_", "-") in made:
            del made[name.replace("_", "-")]
        made[name.replace("_", "-")] = value
    made.set_content(text or " ")
    if html:
        made.add_alternative(html, subtype="html")
    return made


def pdf(text: str, pages: int = 1) -> bytes:
    """A PDF that says `text` on each page."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for _ in range(pages):
        lines = "".join(f"({line}) Tj T* " for line in text.split("\n"))
        stream = f"BT /F1 12 Tf 14 TL 50 750 Td {lines}ET"
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
        content = len(objects)
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {content} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {pages} >>"
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    end = (
        f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\n"
    )
    return out + f"{end}startxref\n{len(out)}\n%%EOF\n".encode()


NEWSLETTER = f"""<html><head><style>a{{}}</style></head><body>
<div style="display: none">A preheader that nobody sees {NEWS}/hidden <a href="{NEWS}/hidden">x</a></div>
<p><a href="https://post.example/view/1">View this email in your browser</a></p>
<a href="https://post.example/"><img src="https://post.example/logo.png" alt="Morning Post"></a>
<table><tr><td><h2><a href="https://click.post.example/CL0/https:%2F%2Fnews.example%2Ffloods%3Futm_source=nl%26id=4/1/0100/x">
Floods close the valley road</a></h2><p>Heavy rain closed the road on Monday, the council said.</p>
<a href="https://click.post.example/CL0/https:%2F%2Fnews.example%2Ffloods%3Futm_source=nl%26id=4/1/0100/x">Read more</a>
</td></tr><tr><td><h2>Bridge opens in May</h2><p>After two years of work.</p><p>
<a href="https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fnews.example%2Fbridge%3Futm_medium%3Dm&data=5">
Read more »</a></p></td></tr></table>
<h3>In short</h3><ul><li><a href="{NEWS}/a?fbclid=1">A school gets a new roof</a> after years.</li>
<li>The <a href="{NEWS}/b">market moves again</a> (2 min)</li></ul>
<p>You get this because you signed up. <a href="https://post.example/u?x=1">Unsubscribe</a> or go
<a href="https://post.example/z">here</a></p><p><a href="https://post.example/office">Our office</a></p>
<img src="https://post.example/pixel.gif?you=1" width="1" height="1"></body></html>"""

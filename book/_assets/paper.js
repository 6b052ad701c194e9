// The running title of the printed page: style sheets cannot read it from the text.
{
  const [chapter, book = ""] = document.title.split(" \u2014 ");
  const { style } = document.documentElement;
  style.setProperty("--running-title", JSON.stringify(chapter));
  style.setProperty("--book-title", JSON.stringify(book));
}

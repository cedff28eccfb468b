# Asks Jekyll what it makes of the example blog, and of one post under many permalinks.
#
#     ruby tests/data/sources/jekyll/record.rb          (with Jekyll 4.3 installed, such as Debian's package jekyll)
#
# It writes recorded.json (the posts that Jekyll shows on 21 November 2026) and permalinks.json beside itself. Plugins
# and themes are left out; nothing is written into the blog.

require "jekyll"
require "json"
require "tmpdir"

HERE = __dir__
NOW = Time.utc(2026, 11, 21, 3)
STYLES = %w[date pretty ordinal weekdate none]
PLACEHOLDERS = %w[year short_year month i_month short_month long_month day i_day short_day long_day y_day week w_year
                  w_day hour minute second title slug name path collection categories slugified_categories]
OTHERS = ["/x:output_ext", "/:year/:title", "/:month_:day/", "/日本語/:title/", "/a/../b/./:slug", "//x///:slug//",
          "rel/:slug.html"]

def posts(source)
  settings = Jekyll.configuration("source" => source, "destination" => File.join(Dir.tmpdir, "nowhere"),
                                  "disable_disk_cache" => true, "quiet" => true)
  settings["plugins"] = []
  settings.delete("theme")
  settings["time"] = NOW.to_s
  site = Jekyll::Site.new(settings)
  site.read
  site.posts.docs.reverse.map do |post|
    { "path" => post.relative_path, "url" => post.url, "date" => post.date.strftime("%Y-%m-%dT%H:%M:%S%:z"),
      "title" => post.data["title"].to_s, "categories" => post.data["categories"].map(&:to_s).uniq,
      "tags" => post.data["tags"].map(&:to_s).uniq }
  end
end

def write(name, rows)
  lines = rows.map { |row| "  " + JSON.generate(row, space: " ", object_nl: " ").gsub(/\{ | \}/) { |edge| edge.strip } }
  File.write(File.join(HERE, name), "[\n#{lines.join(",\n")}\n]\n")
end

def path_of(permalink)
  Dir.mktmpdir do |site|
    FileUtils.mkdir_p(File.join(site, "news/_posts"))
    File.write(File.join(site, "_config.yml"), "timezone: Asia/Tokyo\npermalink: #{permalink.to_json}\n")
    head = "---\ntitle: A\ndate: 2026-01-02 03:04:05 +0900\ncategories: [Big News, C++]\n---\nx\n"
    File.write(File.join(site, "news/_posts/2026-01-02-Mixed.Case_v1.2!.md"), head)
    posts(site).first["url"]
  end
end

write("recorded.json", posts(File.join(HERE, "blog")))
templates = STYLES + PLACEHOLDERS.map { |name| "/:#{name}/" } + OTHERS
write("permalinks.json", templates.map { |template| [template, path_of(template)] })

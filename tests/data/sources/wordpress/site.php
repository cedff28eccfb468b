<?php
// Fills a fresh WordPress with one awkward post a rule, and prints what WordPress itself shows of each.
// Run by record.sh: php site.php install|show ADDRESS
define('WP_INSTALLING', $argv[1] === 'install');
$_SERVER += ['HTTP_HOST' => parse_url($argv[2], PHP_URL_HOST) . ':' . parse_url($argv[2], PHP_URL_PORT), 'REQUEST_URI' => '/',
    'SERVER_PROTOCOL' => 'HTTP/1.1', 'REQUEST_METHOD' => 'GET'];
function wp_mail() { return true; }
require getenv('WORDPRESS') . '/wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
require_once ABSPATH . 'wp-admin/includes/image.php';

if ($argv[1] === 'install') {
    wp_install('An awkward blog', 'jo', 'jo@example.com', true, '', 'x');
    exit;
}
if ($argv[1] === 'fill') {
    wp_set_current_user(1);
    kses_remove_filters();
    foreach (get_posts(['post_type' => 'any', 'post_status' => 'any', 'numberposts' => -1]) as $old) wp_delete_post($old->ID, true);
    update_option('timezone_string', 'America/New_York');
    update_option('permalink_structure', '/%year%/%monthnum%/%postname%/');
    update_option('default_pingback_flag', 0);
    wp_update_user(['ID' => 1, 'display_name' => 'Jo “Ace” O’Hara']);
    $gone = wp_insert_user(['user_login' => 'gone', 'user_pass' => 'x', 'display_name' => 'Gone Away']);
    foreach (['News', 'Research & Development', '日本語', 'C++ <tips>'] as $name) wp_insert_term($name, 'category');
    $long = implode(' ', array_map(fn($n) => "Sentence number $n says that the digest counts words.", range(1, 20)));
    $posts = [
        ['plain', '2026-11-01 09:00:00', 'A plain post', "<p>$long</p>"],
        ['quotes', '2026-11-02 09:00:00', 'It\'s "quoted" & 5 < 6 -- really...', '<p>Quotes are made typographic.</p>'],
        ['markup', '2026-11-03 09:00:00', 'A <em>marked</em> <strong>title</strong>', '<p>Tags in the title.</p>'],
        ['terms', '2026-11-04 09:00:00', 'Several categories', '<p>Terms.</p>', ['cats' => ['Research & Development', 'News', 'C++ <tips>'], 'tags' => ['R&D', 'b', 'A tag']]],
        ['uncategorized', '2026-11-04 10:00:00', 'No category', '<p>The default one.</p>'],
        ['日本語のスラッグ', '2026-11-05 09:00:00', '日本語の題名「引用」', '<p>' . str_repeat('これは日本語の本文です。', 30) . '</p>', ['cats' => ['日本語']]],
        ['protected', '2026-11-06 09:00:00', 'Behind a password', '<p>Secret words.</p>', ['post_password' => 'x']],
        ['protected-excerpt', '2026-11-06 10:00:00', 'Behind a password, with a summary', '<p>Secret words.</p>', ['post_password' => 'x', 'post_excerpt' => 'Open words.']],
        ['draft', '2026-11-07 09:00:00', 'A draft', '<p>Not yet.</p>', ['post_status' => 'draft']],
        ['pending', '2026-11-07 10:00:00', 'Waiting', '<p>Not yet.</p>', ['post_status' => 'pending']],
        ['private', '2026-11-07 11:00:00', 'For the staff', '<p>Not for you.</p>', ['post_status' => 'private']],
        ['future', '2036-11-07 11:00:00', 'Scheduled', '<p>Not yet.</p>', ['post_status' => 'future']],
        ['a-page', '2026-11-07 12:00:00', 'A page', '<p>Not a post.</p>', ['post_type' => 'page']],
        ['sticky', '2026-11-08 09:00:00', 'Stuck to the top', '<p>Sticky.</p>', ['sticky' => true]],
        ['summary', '2026-11-09 09:00:00', 'With a summary', "<p>$long</p>", ['post_excerpt' => 'Written <b>by hand</b> & kept; 2 * 3 * 4.']],
        ['micro-note', '2026-11-10 09:00:00', '', '<p>Only words, without a title, as in a micro blog that tells what happened.</p>'],
        ['', '2026-11-10 10:00:00', '', '<p>Neither a title nor a slug, so that the number is the slug.</p>'],
        ['empty', '2026-11-11 09:00:00', 'Nothing but a title', ''],
        ['summer', '2026-07-01 09:00:00', 'In summer time', '<p>UTC-4.</p>'],
        ['winter', '2026-01-01 00:30:00', 'In winter time', '<p>UTC-5.</p>'],
        ['twice', '2026-11-01 01:30:00', 'In the hour that comes twice', '<p>Ambiguous.</p>'],
        ['skipped', '2026-03-08 02:30:00', 'In the hour that is skipped', '<p>There is no such hour.</p>'],
        ['old', '1999-12-31 23:59:59', 'From another century', '<p>Old.</p>'],
        ['same-a', '2026-11-12 09:00:00', 'One of two at once', '<p>Same second.</p>'],
        ['same-b', '2026-11-12 09:00:00', 'The other of two at once', '<p>Same second.</p>'],
        ['blocks', '2026-11-13 09:00:00', 'Made of blocks', "<!-- wp:heading --><h2>Heading</h2><!-- /wp:heading -->\n\n<!-- wp:paragraph --><p>A paragraph of a block, with a <a href=\"/x\">link</a>.</p><!-- /wp:paragraph -->\n\n<!-- wp:code --><pre class=\"wp-block-code\"><code>{{ not liquid }} *not* markdown</code></pre><!-- /wp:code -->\n\n<!-- wp:paragraph --><p>Braces {% stay %} and *stars* stay.</p><!-- /wp:paragraph -->"],
        ['more', '2026-11-14 09:00:00', 'With a more tag', "<p>Before the fold, a sentence.</p>\n<!--more-->\n<p>After the fold.</p>"],
        ['shortcode', '2026-11-15 09:00:00', 'With a short code', "[gallery ids=\"1\"]\n\nText after a gallery. [unknown]Kept words[/unknown]"],
        ['author-gone', '2026-11-16 09:00:00', 'By somebody who left', '<p>No author.</p>', ['post_author' => $gone]],
        ['picture', '2026-11-17 09:00:00', 'With a picture', '<p>A featured image.</p>', ['picture' => 'Bild 1 ä.jpg']],
        ['emoji', '2026-11-18 09:00:00', 'Launch 🚀 day', '<p>Emoji 🎉 in text.</p>'],
        ['aside', '2026-11-18 10:00:00', 'An aside', '<p>A post format.</p>', ['format' => 'aside']],
        ['braces', '2026-11-18 11:00:00', 'Use {{ braces }} and Vec&lt;T&gt; [2]', '<p>Title with signs.</p>'],
        ['edited', '2026-11-18 12:00:00', 'Edited later', '<p>Edited.</p>', ['modified' => '2026-11-20 08:00:00']],
        ['import-zero', '2026-11-19 09:00:00', 'Imported without a UTC date', '<p>Zeros.</p>', ['gmt' => '0000-00-00 00:00:00']],
        ['import-epoch', '2026-11-19 10:00:00', 'Imported with a wrong UTC date', '<p>1970.</p>', ['gmt' => '1970-01-01 00:00:00']],
        ['%41-percent', '2026-11-19 11:00:00', '100% sure', '<p>Percent.</p>'],
    ];
    foreach ($posts as $post) {
        [$slug, $date, $title, $content] = $post;
        $more = $post[4] ?? [];
        $id = wp_insert_post(wp_slash(array_diff_key($more, array_flip(['cats', 'tags', 'sticky', 'picture', 'format', 'modified', 'gmt'])) + [
            'post_title' => $title, 'post_content' => $content, 'post_name' => $slug, 'post_date' => $date, 'post_status' => 'publish', 'post_author' => 1,
        ]), true);
        if (is_wp_error($id)) exit($id->get_error_message());
        if (isset($more['cats'])) wp_set_object_terms($id, $more['cats'], 'category');
        if (isset($more['tags'])) wp_set_object_terms($id, $more['tags'], 'post_tag');
        if (isset($more['sticky'])) stick_post($id);
        if (isset($more['format'])) wp_set_object_terms($id, 'post-format-aside', 'post_format');
        global $wpdb;
        $utc = get_gmt_from_date($date);
        $wpdb->update($wpdb->posts, ['post_modified' => $more['modified'] ?? $date, 'post_modified_gmt' => isset($more['modified']) ? get_gmt_from_date($more['modified']) : $utc], ['ID' => $id]);
        if (isset($more['gmt'])) $wpdb->update($wpdb->posts, ['post_date_gmt' => $more['gmt']], ['ID' => $id]);
        if (isset($more['picture'])) {
            $file = wp_insert_attachment(['post_mime_type' => 'image/jpeg', 'post_title' => 'x', 'post_status' => 'inherit', 'post_date' => $date], '2026/11/' . $more['picture'], $id);
            wp_update_attachment_metadata($file, ['width' => 2000, 'height' => 1000, 'file' => '2026/11/' . $more['picture'], 'sizes' => ['large' => ['file' => 'Bild-1-1024x512.jpg', 'width' => 1024, 'height' => 512, 'mime-type' => 'image/jpeg']]]);
            set_post_thumbnail($id, $file);
        }
    }
    $wpdb->delete($wpdb->users, ['ID' => $gone]);
    exit;
}
$plain = fn($markup) => trim(preg_replace('/\s+/u', ' ', html_entity_decode(wp_strip_all_tags($markup), ENT_QUOTES | ENT_HTML5)));
$shown = [];
foreach (get_posts(['post_status' => 'publish', 'numberposts' => -1, 'orderby' => 'ID', 'order' => 'ASC', 'suppress_filters' => true, 'ignore_sticky_posts' => true]) as $post) {
    $author = get_userdata($post->post_author);
    $shown[] = [
        'id' => $post->ID,
        'slug' => $post->post_name,
        'url' => get_permalink($post),
        'title' => $plain(get_the_title($post->ID)),
        // what a theme prints: the date on the blog's clock
        'shown_date' => $post->post_date,
        'instant' => (new DateTimeImmutable($post->post_date, wp_timezone()))->getTimestamp(),
        'utc' => $post->post_date_gmt,
        'categories' => array_map(fn($t) => $plain($t->name), get_the_category($post->ID)),
        'tags' => array_map(fn($t) => $plain($t->name), get_the_tags($post->ID) ?: []),
        'author' => $author ? $plain($author->display_name) : '',
        'protected' => post_password_required($post),
        'by_hand' => $plain($post->post_excerpt),
        'image' => get_the_post_thumbnail_url($post, 'large') ?: '',
    ];
}
echo json_encode($shown, JSON_PRETTY_PRINT | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES);

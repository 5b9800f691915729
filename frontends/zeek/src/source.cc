/* SPDX-License-Identifier: BSD-3-Clause */
#include "source.h"

#include <cctype>
#include <ctime>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pktio/filter.h>

#include <zeek/Reporter.h>
#include <zeek/RunState.h>
#include <zeek/iosource/Manager.h>
#include <zeek/iosource/Packet.h>
#include <zeek/zeek-version.h>

namespace plugin::PKTIO_PLUGIN
{

#define NS_PER_SECOND INT64_C(1000000000)
#define NS_PER_US 1000

/* ---- Link types --------------------------------------------------------- */

/* Numbers in files and numbers in memory differ for a few; Zeek has the latter,
 * and of those few it knows raw IP. */
#define LINKTYPE_RAW 101
#define DLT_OF_RAW 12 /* on Linux */

static uint32_t dlt_of(uint32_t linktype)
{
	return linktype == LINKTYPE_RAW ? DLT_OF_RAW : linktype;
}

static uint32_t linktype_of(uint32_t dlt)
{
	return dlt == DLT_OF_RAW ? LINKTYPE_RAW : dlt;
}

/* ---- Open and close ----------------------------------------------------- */

source::source(std::string name, bool live)
    : path(std::move(name)), is_live(live), mode(checksums(uri_of(path, live))),
      forced_link_type(link_type(uri_of(path, live)))
{
}

source::~source()
{
	source::Close();
	for (auto &[index, prog] : filters)
		pktio_filter_free(&prog);
}

zeek::iosource::PktSrc *source::create(const std::string &path, bool is_live)
{
	return new source(path, is_live);
}

static std::string executable()
{
	char name[4096];
	const ssize_t n = readlink("/proc/self/exe", name, sizeof(name));

	return n > 0 ? std::string(name, static_cast<size_t>(n)) : "zeek";
}

/* Whether the text has the word, and not one that it is part of. */
static bool mentions(const std::string &text, const std::string &word)
{
	const auto part = [](char c) {
		return std::isalnum(static_cast<unsigned char>(c)) || c == '-';
	};

	for (auto at = text.find(word); at != std::string::npos;
	     at = text.find(word, at + 1)) {
		const auto end = at + word.size();

		if ((at == 0 || !part(text[at - 1])) &&
		    (end == text.size() || !part(text[end])))
			return true;
	}
	return false;
}

/* The library's words, with the names that things have in Zeek. */
static std::string complaint(const struct pktio_error &error,
			     const std::vector<setting> &settings)
{
	std::string text = error.text;

	for (const auto &s : settings)
		if (!s.constant.empty() && mentions(error.text, s.option))
			text += "; " + s.option + " is " + s.constant +
				" here, which makes it " + s.value;
	if (error.code == -EPERM || error.code == -EACCES)
		text += "; for Zeek that is, after each of its installations: setcap cap_net_raw+eip " +
			executable();
	return text;
}

void source::Open()
{
	const std::string uri = uri_of(path, is_live);
	const std::vector<setting> settings = settings_of(uri);
	const struct ring_share part = share();
	std::vector<struct pktio_setting> list;
	struct pktio_open_args args = {};
	struct pktio_info info = {};
	struct pktio_error error = {};
	Properties opened;

	list.reserve(settings.size());
	for (const auto &s : settings)
		list.push_back({ s.option.c_str(), s.value.c_str() });
	args.size = sizeof(args);
	args.index = part.index;
	args.count = part.count;
	args.settings = list.data();
	args.nsettings = list.size();
	if (pktio_open(&ring, uri.c_str(), &args, &error) < 0) {
		Error(complaint(error, settings));
		return;
	}
	info.size = sizeof(info);
	pktio_get_info(ring, &info);
	if (!forced_link_type)
		opened.link_type = static_cast<int>(dlt_of(info.linktype));
	else
		opened.link_type = static_cast<int>(forced_link_type);
	opened.path = path;
	opened.is_live = is_live;
	delay = static_cast<double>(info.block_timeout) / NS_PER_SECOND;
	handed_over = bytes_handed_over = 0;
	filtering = false;
	more = true; /* some may have been read, and no descriptor tells */
	last = {};
	seen_link = info.link;
	seen_downs = seen_reattached = 0;
	if (info.link == PKTIO_LINK_DOWN)
		warn("is down; there are no packets before it is up");
	else if (info.link == PKTIO_LINK_GONE)
		warn("is not there; there are no packets before it is");
	/* Without a descriptor, for Zeek would keep it. */
	Opened(opened);
	if (IsOpen())
		watch(descriptor());
}

/* Comes from several places, and again. */
void source::Close()
{
	if (!ring)
		return;
	last = counters();
	/* The kernel goes last: Zeek has to name what it takes away there. */
	watch(-1);
	Closed();
	count = next = 0;
	more = false;
	ring = pktio_close(ring);
}

/* ---- Waiting -------------------------------------------------------- */

/*
 * What Zeek may watch: libkqueue, through which it does, knows files, pipes and
 * sockets, and refuses what epoll_create() returns.
 */
int source::descriptor() const
{
	struct pktio_info info = {};
	struct stat stat;
	const int fd = pktio_fd(ring);

	if (fd >= 0 && fstat(fd, &stat) == 0 && (stat.st_mode & S_IFMT) != 0)
		return fd;
	info.size = sizeof(info);
	if (pktio_get_info(ring, &info) < 0 || info.socket == 0)
		return -1;
	return static_cast<int>(info.socket);
}

/*
 * Has Zeek watch this one, -1: none, instead of the one before. A duplicate, so
 * that it is there until Zeek has been told, whatever the ring does meanwhile.
 */
void source::watch(int fd)
{
	if (watched >= 0) {
		listen(false);
		close(watched);
		watched = -1;
	}
	if (fd >= 0)
		watched = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (watched >= 0)
		listen(true);
	if (watched >= 0 && !listening) {
		close(watched);
		watched = -1;
	}
}

/* Whether Zeek looks at what it may watch. */
void source::listen(bool on)
{
	if (on == listening)
		return;
	if (!on)
		zeek::iosource_mgr->UnregisterFd(watched, this);
	listening = on && zeek::iosource_mgr->RegisterFd(watched, this);
}

/* In seconds: for what is paced, and for what is gone. */
#define NAP 0.001
#define LONG_NAP 0.05

double source::GetNextTimeout()
{
	if (!ring || zeek::run_state::is_processing_suspended() ||
	    zeek::run_state::pseudo_realtime != 0.0)
		return PktSrc::GetNextTimeout();
	/* The descriptor tells of the ring, not of what was taken out. */
	if (next < count || more)
		return 0.0;
	if (listening)
		return -1.0;
	if (pktio_fd(ring) >= 0)
		return seen_link == PKTIO_LINK_GONE ? LONG_NAP : NAP;
	return PktSrc::GetNextTimeout();
}

/* Packets may be on their way from before Zeek's time would be moved on to. */
bool source::HasBeenIdleFor(double interval) const
{
	return PktSrc::HasBeenIdleFor(interval + delay);
}

/* ---- Packets ------------------------------------------------------------ */

void source::release()
{
	if (count > 0)
		pktio_release(ring, frames, count);
	count = next = 0;
}

/*
 * Zeek looks at its descriptors after every ten packets. As long as there are
 * more it learns nothing from this one, which costs as much as two packets.
 */
void source::listen_if_dry()
{
	if (!more)
		bursts = 0;
	else if (bursts < MANY_BURSTS)
		bursts++;
	if (watched >= 0)
		listen(bursts < MANY_BURSTS);
}

/* Another burst. Ends the source if there will be none. */
bool source::receive()
{
	int n;

	release();
	look_at_link();
	n = pktio_recv(ring, frames, BURST);
	more = n > 0;
	if (n > 0)
		count = static_cast<unsigned>(n);
	if (n >= 0) {
		listen_if_dry();
		return n > 0;
	}
	if (n != PKTIO_EOF) {
		Error(pktio_strerror(ring));
		zeek::reporter->Error("%s: %s", path.c_str(),
				      pktio_strerror(ring));
	}
	Close();
	return false;
}

static void set_vlan(zeek::Packet *pkt, const struct pktio_frame &f)
{
	const auto id = [&f](unsigned i) -> uint16_t {
		return f.vlan[i].tci & 0xfff;
	};
#if ZEEK_VERSION_NUMBER >= 80100
	const auto pcp = [&f](unsigned i) -> uint8_t {
		return f.vlan[i].tci >> 13;
	};
	const auto dei = [&f](unsigned i) -> bool {
		return f.vlan[i].tci & 0x1000;
	};
#endif

#if ZEEK_VERSION_NUMBER >= 80200
	if (f.nvlan > 0)
		pkt->vlan = zeek::Packet::VlanTag{ id(0), pcp(0), dei(0) };
	if (f.nvlan > 1)
		pkt->inner_vlan =
			zeek::Packet::VlanTag{ id(1), pcp(1), dei(1) };
#else
	if (f.nvlan > 0)
		pkt->vlan = id(0);
	if (f.nvlan > 1)
		pkt->inner_vlan = id(1);
#if ZEEK_VERSION_NUMBER >= 80100
	if (f.nvlan > 0) {
		pkt->vlan_pcp = pcp(0);
		pkt->vlan_dei = dei(0);
	}
	if (f.nvlan > 1) {
		pkt->inner_vlan_pcp = pcp(1);
		pkt->inner_vlan_dei = dei(1);
	}
#endif
#endif
}

/* True if Zeek need not look at the checksum itself. */
static bool is_checked(checksum_mode mode, const struct pktio_frame &f)
{
	switch (mode) {
	case checksum_mode::OFF:
		return true;
	case checksum_mode::KERNEL:
		return f.csum == PKTIO_CSUM_VALID ||
		       f.csum == PKTIO_CSUM_PARTIAL;
	default:
		return false;
	}
}

void source::hand_over(const struct pktio_frame &f, zeek::Packet *pkt) const
{
	struct timeval ts;

	ts.tv_sec = static_cast<int64_t>(f.ts) / NS_PER_SECOND;
	ts.tv_usec = static_cast<int64_t>(f.ts) % NS_PER_SECOND / NS_PER_US;
	/* Sets every field; what comes after it stays. */
	pkt->Init(static_cast<int>(forced_link_type ? forced_link_type :
						      dlt_of(f.linktype)),
		  &ts, f.caplen, f.wirelen, f.data);
	set_vlan(pkt, f);
	pkt->l4_checksummed = is_checked(mode, f);
}

bool source::ExtractNextPacket(zeek::Packet *pkt)
{
	if (!ring)
		return false;
	while (next < count || receive()) {
		const struct pktio_frame &f = frames[next++];

		hand_over(f, pkt);
		if (f.caplen > 0) {
			handed_over++;
			bytes_handed_over += f.wirelen;
			return true;
		}
		Weird("empty_" + std::string(names.prefix) + "_header", pkt);
	}
	return false;
}

/* Also called in between, for a packet that was never handed over. */
void source::DoneWithPacket()
{
	if (ring && next == count)
		release();
}

/* ---- Filters ------------------------------------------------------------ */

/*
 * Scripts end Zeek for a bad -f, but only one that Zeek's own compiler refused,
 * too: what that one understands it is given in a way that it does not.
 */
bool source::refuse(int index, const std::string &filter, const char *why)
{
	const std::string text = "bad filter '" + filter + "': " + why;

	if (PrecompileBPFFilter(index, filter)) {
		zeek::reporter->Error("%s: %s", path.c_str(), text.c_str());
		PrecompileBPFFilter(index, "refused by pktio: " + filter);
	}
	Error(text);
	return false;
}

bool source::PrecompileFilter(int index, const std::string &filter)
{
	struct sock_fprog prog = {};
	struct pktio_error error = {};

	if (index < 0)
		return false;
	if (!filter.empty() &&
	    pktio_filter_compile(&prog, filter.c_str(),
				 linktype_of(static_cast<uint32_t>(LinkType())),
				 0, &error) < 0)
		return refuse(index, filter, error.text);
	pktio_filter_free(&filters[index]);
	filters[index] = prog;
	return true;
}

bool source::SetFilter(int index)
{
	const auto found = filters.find(index);
	const struct sock_fprog *prog;

	if (!ring || found == filters.end()) {
		Error("there is no filter " + std::to_string(index));
		return false;
	}
	prog = found->second.len > 0 ? &found->second : nullptr;
	if (!prog && !filtering)
		return true;
	if (pktio_set_filter(ring, prog) < 0) {
		Error(pktio_strerror(ring));
		return false;
	}
	filtering = prog != nullptr;
	return true;
}

/* ---- What Zeek is told -------------------------------------------------- */

struct pktio_stats source::counters()
{
	struct pktio_stats now = {};

	now.size = sizeof(now);
	return ring && pktio_get_stats(ring, &now) == 0 ? now : last;
}

void source::Statistics(Stats *stats)
{
	const struct pktio_stats now = counters();

	stats->received = handed_over;
	stats->bytes_received = bytes_handed_over;
	stats->dropped = now.dropped;
	stats->link = handed_over + now.dropped + now.filtered;
	/* A kernel does not count what its filter refuses. */
	if (!filtering || now.filtered > 0)
		stats->filtered = now.filtered;
}

void source::warn(const char *what) const
{
	zeek::reporter->Warning("%s: interface %s", path.c_str(), what);
}

/* A few times a second: whether the interface went away or came back. */
void source::look_at_link()
{
	struct pktio_info info = {};
	struct pktio_stats now;
	struct timespec time;
	int64_t period;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
	period = static_cast<int64_t>(time.tv_sec) * 4 +
		 time.tv_nsec / (NS_PER_SECOND / 4);
	if (period == looked_at || seen_link == PKTIO_LINK_UNKNOWN)
		return;
	looked_at = period;
	now = counters();
	info.size = sizeof(info);
	if (pktio_get_info(ring, &info) < 0)
		return;
	if (now.reattached != seen_reattached)
		warn("was replaced by another of this name; packets come from there");
	else if (info.link == seen_link && now.link_downs == seen_downs)
		return;
	else if (info.link == PKTIO_LINK_GONE)
		warn("is gone; there are no packets before one of this name is there");
	else if (info.link == PKTIO_LINK_DOWN)
		warn("went down; there are no packets before it is up");
	else
		warn("went down and is up again");
	/* A socket without an interface only keeps its group from another. */
	if (info.link == PKTIO_LINK_GONE)
		watch(-1);
	else if (now.reattached != seen_reattached)
		watch(descriptor());
	seen_link = info.link;
	seen_downs = now.link_downs;
	seen_reattached = now.reattached;
}

} // namespace plugin::PKTIO_PLUGIN
